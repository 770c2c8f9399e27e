package io.rejoin.listener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections a process lets in, so that its limit of open files is never reached: Kafka, PostgreSQL and the class
 * path need some, too.
 *
 * @param webSockets those that have been upgraded
 * @param plain      those that have not: health checks, pages, and handshakes under way
 */
public record ConnectionBudget(int webSockets, int plain) {
    private static final Logger log = LoggerFactory.getLogger(ConnectionBudget.class);
    /** With fewer, a service is of no use. */
    private static final int LEAST = 16;
    private static final int LEAST_PLAIN = 8;

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

    private long all() {
        return (long) webSockets + plain;
    }
}
