package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted on the way out: who has to be caught up, what is read for them, and what cannot be delivered. */
public final class FanOutMeters {
    private final Counter joinedBehind;
    private final Counter fellBehind;
    private final Counter pages;
    private final Counter failedPages;
    private final Counter deadLetters;

    public FanOutMeters(MeterRegistry registry) {
        joinedBehind = catchUps(registry, "joined");
        fellBehind = catchUps(registry, "behind");
        pages = pages(registry, "read");
        failedPages = pages(registry, "failed");
        deadLetters = Counter.builder("rejoin.edge.dead.letters").baseUnit("records")
                .description("Records of deliveries that were put aside").register(registry);
    }

    private static Counter catchUps(MeterRegistry registry, String reason) {
        return Counter.builder("rejoin.edge.catch.ups").baseUnit("members").tag("reason", reason)
                .description("Members that are replayed to: they joined and missed something, or fell behind, for they"
                        + " were too slow or messages did not come to this edge")
                .register(registry);
    }

    private static Counter pages(MeterRegistry registry, String outcome) {
        return Counter.builder("rejoin.edge.replay.pages").baseUnit("pages").tag("outcome", outcome)
                .description("Pages of missed messages asked of history").register(registry);
    }

    /** So many members begin behind. */
    public void joinedBehind(int members) {
        joinedBehind.increment(members);
    }

    /** So many members are live no longer. */
    public void fellBehind(int members) {
        fellBehind.increment(members);
    }

    /** A page of history was read. */
    public void readPage() {
        pages.increment();
    }

    /** A page of history could not be read. */
    public void failedPage() {
        failedPages.increment();
    }

    /** A record is put aside. */
    public void deadLetter() {
        deadLetters.increment();
    }
}
