package io.rejoin.edge.fanout;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.DeliveryRecord;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.room.Receivers;
import io.rejoin.tracing.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Filters the deliveries for this edge and carries them out. It drops repetitions, and most deliveries for an earlier
 * incarnation. A {@link Delivery.GivenUp} begins the edge's next incarnation. Only one thread may use it at a time.
 */
public final class Deliveries {
    private static final Logger log = LoggerFactory.getLogger(Deliveries.class);

    /**
     * The types of deliveries that a new join does not bring again, so losing one is no reason to make members join.
     * After a lost answer, the client's request times out and the client sends it again. The others, {@code confirmed}
     * and {@code expired}, are sent to the poster without a promise that they arrive.
     */
    private static final Set<String> NOT_REPAIRED_BY_REJOIN = Set.of("acked", "refused", "confirmed", "expired",
            "member_list");

    private final EdgeIdentity identity;
    private final FanOut fanOut;
    private final Receivers receivers;
    /** By partition of the command log: the source of the last delivery handled in this incarnation. */
    private final Map<Integer, Source> lastSources = new HashMap<>();

    Deliveries(EdgeIdentity identity, FanOut fanOut, Receivers receivers) {
        this.identity = identity;
        this.fanOut = fanOut;
        this.receivers = receivers;
    }

    /** A delivery that failed with an exception, because of a bug or of hostile content. */
    record Fault(Source source, RuntimeException cause) {}

    /**
     * The deliveries of a record that were not carried out.
     *
     * @param reason      why the first of them was not carried out
     * @param cause       its exception; null if it could not be read
     * @param needsRejoin whether all members must join again, because a client may wait for a delivery or show wrong
     *                    data
     */
    record Problem(String reason, @Nullable RuntimeException cause, boolean needsRejoin) {
        private static Problem of(Fault fault) {
            return new Problem("delivering " + fault.source().text() + " failed: " + fault.cause(), fault.cause(),
                    true);
        }

        private static Problem combine(@Nullable Problem before, Problem next) {
            if (before == null) return next;
            return new Problem(before.reason(), before.cause(), before.needsRejoin() || next.needsRejoin());
        }
    }

    /**
     * Handles a record that is for this edge, in any incarnation. If one delivery fails or cannot be read, the others
     * are still carried out.
     *
     * @param steps the trace step of a delivery, by its index in the record
     * @return null if every delivery was carried out
     */
    @Nullable
    Problem handle(DeliveryRecord record, IntFunction<Step> steps) {
        Problem problem = null;
        for (var i = 0; i < record.items().size(); i++) {
            switch (record.items().get(i)) {
                case DeliveryRecord.Item.Usable(var entry) -> {
                    var fault = handle(record.incarnation(), entry, steps.apply(i));
                    if (fault != null) problem = Problem.combine(problem, Problem.of(fault));
                }
                case DeliveryRecord.Item.Unusable(var source, var type, var reason) -> {
                    var where = source == null ? "a delivery" : "delivery " + source.text();
                    problem = Problem.combine(problem, new Problem(where + ": " + reason, null,
                            lossNeedsRejoin(record.incarnation(), source, type)));
                }
            }
        }
        return problem;
    }

    /**
     * Whether only a new join may repair the loss of an unreadable delivery. An unknown type counts as such a loss.
     * Like {@link #carryOut}, moves the position.
     */
    private boolean lossNeedsRejoin(long incarnation, @Nullable Source source, @Nullable String type) {
        if (incarnation != identity.current().incarnation()) return false;
        if ("redeliver".equals(type)) return false; // routers repeat it, and it moves no position
        if (source != null && !advanceTo(source)) return false; // a repetition
        return type == null || !NOT_REPAIRED_BY_REJOIN.contains(type);
    }

    /**
     * Handles one delivery that is for this edge, in any incarnation.
     *
     * @return null if it was carried out
     */
    @Nullable
    Fault handle(long incarnation, DeliveryBatch.Entry entry) {
        return handle(incarnation, entry, Step.NONE);
    }

    private @Nullable Fault handle(long incarnation, DeliveryBatch.Entry entry, Step step) {
        try {
            if (carryOut(incarnation, entry)) step.follow(() -> fanOut.endStepWhenSent(entry.delivery(), step));
            else
                step.note("rejoin.dropped", "a repetition").end();
            return null;
        } catch (RuntimeException e) {
            step.fail("delivering failed");
            fanOut.countFailedDelivery();
            return new Fault(entry.source(), e);
        }
    }

    /** Carries out one delivery; returns false if it was dropped as a repetition. */
    private boolean carryOut(long incarnation, DeliveryBatch.Entry entry) {
        if (incarnation != identity.current().incarnation()) {
            fanOut.deliverIfPostResult(entry.delivery());
            return true;
        }
        if (!isOutOfLogOrder(entry.delivery()) && !advanceTo(entry.source())) return false;
        deliver(entry.delivery());
        return true;
    }

    /**
     * Whether a delivery is outside the order of the command log. Routers send it on a schedule, not when they read its
     * command. So its source neither makes it a repetition nor moves the position.
     */
    private static boolean isOutOfLogOrder(Delivery delivery) {
        return delivery instanceof Delivery.Redeliver;
    }

    /**
     * Checks the position where a stream begins to bring the deliveries of a shard.
     *
     * @param incarnation the incarnation of this edge that {@code after} was for
     * @param after       the source of the delivery before the stream's first one. Null if the shard knows of none: it
     *                    has given this edge up, or has sent it nothing yet
     * @return whether an earlier delivery was missed, so that all members have to join again
     */
    boolean hasGapBefore(int partition, long incarnation, @Nullable Source after) {
        var last = lastSources.get(partition);
        if (after == null) return last != null;
        return incarnation == identity.current().incarnation() && (last == null || after.isBeyond(last));
    }

    /** The source of the last delivery handled of each shard, in the present incarnation. */
    List<Source> positions() {
        return List.copyOf(lastSources.values());
    }

    /** Begins the next incarnation: all members join again. */
    void renew() {
        identity.renew();
        lastSources.clear();
        fanOut.countRenewal();
        receivers.rejoinAll();
    }

    /**
     * Moves the position of the shard to a source. Returns false if the position is there or beyond already: a router
     * repeats deliveries after a crash.
     */
    private boolean advanceTo(Source source) {
        var last = lastSources.get(source.partition());
        if (last != null && !source.isBeyond(last)) return false;
        lastSources.put(source.partition(), source);
        return true;
    }

    private void deliver(Delivery delivery) {
        if (!(delivery instanceof Delivery.GivenUp)) {
            fanOut.deliver(delivery);
            return;
        }
        log.atWarn().addKeyValue("incarnation", identity.current().incarnation())
                .log("routers gave this edge up: joining all members again");
        renew();
    }
}
