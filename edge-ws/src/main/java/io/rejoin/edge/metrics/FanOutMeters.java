package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.rejoin.metrics.BrokenInvariants;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts the fan-out: members that catch up, pages read for them, and deliveries that could not be carried out. */
public final class FanOutMeters {
    private final Counter joinedBehind;
    private final Counter fellBehind;
    private final Counter pages;
    private final Counter failedPages;
    private final Counter deadLetters;
    private final Counter holes;
    private final Counter renewals;
    private final Timer latency;
    private final Clock clock;
    private final LongAdder catchingUp = new LongAdder();
    private final BrokenInvariants<EdgeInvariant> invariants;

    public FanOutMeters(MeterRegistry registry) {
        joinedBehind = catchUps(registry, "joined");
        fellBehind = catchUps(registry, "behind");
        pages = pages(registry, "read");
        failedPages = pages(registry, "failed");
        deadLetters = Counter.builder("rejoin.edge.dead.letters").baseUnit("letters")
                .description("Batches of deliveries that became dead letters").register(registry);
        holes = Counter.builder("rejoin.edge.holes").baseUnit("holes")
                .description("Gaps in the messages of a room on this edge, which are filled from history")
                .register(registry);
        renewals = Counter.builder("rejoin.edge.renewals").baseUnit("renewals")
                .description("New incarnations of this edge, in which all members join again")
                .register(registry);
        Gauge.builder("rejoin.edge.catching.up.members", catchingUp::sum).baseUnit("members")
                .description("Members that get a replay now").register(registry);
        clock = registry.config().clock();
        latency = Timer.builder("rejoin.edge.delivery.latency").serviceLevelObjectives(SessionMeters.LATENCIES)
                .description("Time from the append of a message to the outboxes of its members here, by the clocks of"
                        + " the broker and of this edge")
                .register(registry);
        invariants = new BrokenInvariants<>(registry, "edge", EdgeInvariant.class);
    }

    private static Counter catchUps(MeterRegistry registry, String reason) {
        return Counter.builder("rejoin.edge.catch.ups").tag("reason", reason)
                .description("Members that get a replay: they joined and missed messages, or fell behind because they"
                        + " are too slow or messages did not reach this edge")
                .register(registry);
    }

    private static Counter pages(MeterRegistry registry, String outcome) {
        return Counter.builder("rejoin.edge.replay.pages").baseUnit("pages").tag("outcome", outcome)
                .description("Pages of missed messages that were requested from history").register(registry);
    }

    /** Counts members that have to catch up after a join. */
    public void countJoinedBehind(int members) {
        joinedBehind.increment(members);
    }

    /** Counts members that are no longer live and have to catch up. */
    public void countFellBehind(int members) {
        fellBehind.increment(members);
    }

    /** Counts a page that was read from history. */
    public void countPage() {
        pages.increment();
    }

    /** Counts a page that could not be read from history. */
    public void countFailedPage() {
        failedPages.increment();
    }

    /** Counts a dead letter. */
    public void countDeadLetter() {
        deadLetters.increment();
    }

    /**
     * Measures the latency of a message to live members.
     *
     * @param ts the message's timestamp from the log, in milliseconds
     */
    public void recordDelivery(long ts) {
        latency.record(Duration.ofMillis(Math.max(0, clock.wallTime() - ts)));
    }

    /** Adds to the number of members that are catching up now; negative to subtract. */
    public void addCatchingUp(int change) {
        catchingUp.add(change);
    }

    /** Counts a hole: messages before the delivered one are missing. */
    public void countHole() {
        holes.increment();
    }

    /** Counts a new incarnation: all members join again. */
    public void countRenewal() {
        renewals.increment();
    }

    /** Counts an event that must never happen. */
    public void countBroken(EdgeInvariant invariant) {
        invariants.count(invariant);
    }
}
