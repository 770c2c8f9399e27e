package io.rejoin.listener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections a process lets in, so that its limit of open files is never reached: Kafka, PostgreSQL and the class
 * path need some, too.
 *
 * @param webSockets most that are upgraded
 * @param plain      for those that are not: health checks, pages, and handshakes under way. They may also use what is left of
 *                   the others, as far as {@link #mostPlain}
 */
public record ConnectionBudget(int webSockets, int plain) {
    private static final Logger log = LoggerFactory.getLogger(ConnectionBudget.class);
    /** With fewer, a service is of no use. */
    private static final int LEAST = 16;
    private static final int MOST_OF_ALL = 1 << 30;
    private static final int LEAST_PLAIN = 8;
    private static final int MOST_PLAIN = 2048;

    public ConnectionBudget {
        if (webSockets < 0 || plain < 0 || webSockets > MOST_OF_ALL || plain > MOST_OF_ALL)
            throw new IllegalArgumentException("not a number of connections: " + webSockets + ", " + plain);
    }

    /**
     * What of a wish can be had; if it is not all, a line in the log says so and what to do. To be called at the start, when
     * most is open that will be.
     *
     * @param reserve what the service may open later, besides connections
     * @throws IllegalStateException when the limit is too low for the service to be of any use
     */
    public static ConnectionBudget of(ConnectionBudget wish, int reserve) {
        var limit = OpenFiles.limit();
        var others = OpenFiles.open() + reserve;
        var budget = wish.within(limit - others);
        if (!budget.equals(wish)) {
            log.atWarn().addKeyValue("limit", limit).addKeyValue("needed", wish.all() + others)
                    .addKeyValue("webSockets", budget.webSockets()).addKeyValue("plain", budget.plain())
                    .log("the limit of open files is lower than what may be needed, so fewer connections are let in than"
                            + " configured. Raise it to what is needed: `ulimit -n` in a shell, LimitNOFILE= for systemd,"
                            + " --ulimit nofile= for docker; or configure fewer connections");
        }
        return budget;
    }

    /** As much of this as fits into so many files. */
    ConnectionBudget within(long files) {
        if (files >= all()) return this;
        if (files < LEAST)
            throw new IllegalStateException("the limit of open files is too low: " + files
                    + " would be left for connections. " + OpenFiles.ADVICE);
        if (webSockets == 0) return new ConnectionBudget(0, (int) files);
        var forPlain = (int) Math.min(plain, Math.max(LEAST_PLAIN, files / 8));
        return new ConnectionBudget((int) Math.min(webSockets, files - forPlain), forPlain);
    }

    /** Connections of both kinds. */
    int all() {
        return Math.toIntExact((long) webSockets + plain);
    }

    /** Plain connections while there are few others: a handshake that does not go on costs as much as a WebSocket. */
    int mostPlain() {
        return Math.max(plain, Math.min(all(), MOST_PLAIN));
    }
}
