package io.rejoin.listener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections a process accepts. The budget keeps the process below its limit of open files, because Kafka,
 * PostgreSQL and the class path need some files, too.
 *
 * @param webSockets the most upgraded connections
 * @param plain      the number of places for other connections: health checks, pages and running handshakes. Plain
 *                   connections may also use free WebSocket places, up to {@link #mostPlain} in total
 */
public record ConnectionBudget(int webSockets, int plain) {
    private static final Logger log = LoggerFactory.getLogger(ConnectionBudget.class);
    /** A service with fewer connections is of no use. */
    private static final int LEAST = 16;
    private static final int MAX_OF_ALL = 1 << 30;
    private static final int LEAST_PLAIN = 8;
    private static final int MAX_PLAIN = 2048;

    public ConnectionBudget {
        if (webSockets < 0 || plain < 0 || webSockets > MAX_OF_ALL || plain > MAX_OF_ALL)
            throw new IllegalArgumentException("invalid numbers of connections: " + webSockets + ", " + plain);
    }

    /**
     * Reduces a wished budget to the limit of open files. If the result is smaller than the wish, a warning in the log
     * says what to do. Call this at startup, when the process has already opened most of its files.
     *
     * @param reserve how many files the service may open later, without its connections
     * @throws IllegalStateException when the limit is too low for a useful service
     */
    public static ConnectionBudget of(ConnectionBudget wish, int reserve) {
        var limit = OpenFiles.limit();
        var others = OpenFiles.open() + reserve;
        var budget = wish.within(limit - others);
        if (!budget.equals(wish)) {
            log.atWarn().addKeyValue("limit", limit).addKeyValue("needed", wish.all() + others)
                    .addKeyValue("webSockets", budget.webSockets()).addKeyValue("plain", budget.plain())
                    .log("the limit of open files is too low, so this process accepts fewer connections than"
                            + " configured. Raise the limit to the needed value: `ulimit -n` in a shell, LimitNOFILE="
                            + " for systemd, --ulimit nofile= for docker; or configure fewer connections");
        }
        return budget;
    }

    /** Reduces this budget to the given number of files. */
    ConnectionBudget within(long files) {
        if (files >= all()) return this;
        if (files < LEAST)
            throw new IllegalStateException("the limit of open files is too low: " + files
                    + " would be left for connections. " + OpenFiles.ADVICE);
        if (webSockets == 0) return new ConnectionBudget(0, (int) files);
        var forPlain = (int) Math.min(plain, Math.max(LEAST_PLAIN, files / 8));
        return new ConnectionBudget((int) Math.min(webSockets, files - forPlain), forPlain);
    }

    /** The most connections, plain and upgraded. */
    int all() {
        return Math.toIntExact((long) webSockets + plain);
    }

    /**
     * The most plain connections while few are upgraded. Such a connection may use a WebSocket's place, because a
     * stalled handshake costs as much as a WebSocket.
     */
    int mostPlain() {
        return Math.max(plain, Math.min(all(), MAX_PLAIN));
    }
}
