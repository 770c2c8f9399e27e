package io.rejoin.edge.fanout;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.DeliveryRecord;
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
 * What becomes of deliveries: repetitions and what is for an earlier incarnation are dropped, and a notice that
 * this edge was given up begins its next incarnation. Of one thread at a time.
 */
final class Deliveries {
    private static final Logger log = LoggerFactory.getLogger(Deliveries.class);

    /** Answers that no join brings back: whoever waits for one asks again, or is not promised it. */
    private static final Set<String> UNAFFECTED = Set.of("acked", "refused", "confirmed", "expired", "member_list");

    private final EdgeIdentity identity;
    private final FanOut fanOut;
    private final Receivers receivers;
    /** The last source taken of each partition of the command log, for this incarnation. */
    private final Map<Integer, Source> taken = new HashMap<>();

    Deliveries(EdgeIdentity identity, FanOut fanOut, Receivers receivers) {
        this.identity = identity;
        this.fanOut = fanOut;
        this.receivers = receivers;
    }

    /** A fault of ours, or hostile content: that delivery is not carried out. */
    record Fault(Source source, RuntimeException cause) {}

    /**
     * What was not carried out of a record.
     *
     * @param reason    of the first such delivery
     * @param isInDoubt whether somebody may wait for it, or be shown something wrong, unless all members join again
     */
    record Trouble(String reason, @Nullable RuntimeException cause, boolean isInDoubt) {
        private static Trouble of(Fault fault) {
            return new Trouble("delivering " + fault.source().text() + " failed: " + fault.cause(), fault.cause(),
                    true);
        }

        private static Trouble first(@Nullable Trouble before, Trouble next) {
            if (before == null) return next;
            return new Trouble(before.reason(), before.cause(), before.isInDoubt() || next.isInDoubt());
        }
    }

    /**
     * Takes a record that is for this edge, in some incarnation. One delivery that fails or cannot be read does not cost the
     * others.
     *
     * @param steps by the index of a delivery: what is traced of it
     * @return null if all of it was carried out
     */
    @Nullable
    Trouble take(DeliveryRecord record, IntFunction<Step> steps) {
        Trouble first = null;
        for (var i = 0; i < record.items().size(); i++) {
            switch (record.items().get(i)) {
                case DeliveryRecord.Item.Usable(var entry) -> {
                    var fault = take(record.incarnation(), entry, steps.apply(i));
                    if (fault != null) first = Trouble.first(first, Trouble.of(fault));
                }
                case DeliveryRecord.Item.Unusable(var source, var type, var reason) -> {
                    var where = source == null ? "a delivery" : "delivery " + source.text();
                    first = Trouble.first(first, new Trouble(where + ": " + reason, null,
                            isMissed(record.incarnation(), source, type)));
                }
            }
        }
        return first;
    }

    /** Whether a delivery that cannot be read may be one that only joining again makes good. What is unknown is. */
    private boolean isMissed(long incarnation, @Nullable Source source, @Nullable String type) {
        if (incarnation != identity.current().incarnation()) return false;
        if ("redeliver".equals(type)) return false; // it comes again, and moves nothing on
        if (source != null && !isNew(source)) return false; // a repetition
        return type == null || !UNAFFECTED.contains(type);
    }

    /**
     * Takes one delivery that is for this edge, in some incarnation.
     *
     * @return null if it was carried out
     */
    @Nullable
    Fault take(long incarnation, DeliveryBatch.Entry entry) {
        return take(incarnation, entry, Step.NONE);
    }

    private @Nullable Fault take(long incarnation, DeliveryBatch.Entry entry, Step step) {
        try {
            if (carryOut(incarnation, entry)) step.follow(() -> fanOut.endWhenSent(entry.delivery(), step));
            else
                step.note("rejoin.dropped", "a repetition").end();
            return null;
        } catch (RuntimeException e) {
            step.fail("delivering failed");
            fanOut.failed();
            return new Fault(entry.source(), e);
        }
    }

    /** False if it was dropped. */
    private boolean carryOut(long incarnation, DeliveryBatch.Entry entry) {
        if (incarnation != identity.current().incarnation()) {
            fanOut.deliverLate(entry.delivery());
            return true;
        }
        if (!isBesideTheOrder(entry.delivery()) && !isNew(entry.source())) return false;
        deliver(entry.delivery());
        return true;
    }

    /** Emitted when it is due and not when its command came: it neither is dropped for its source nor moves anything on. */
    private static boolean isBesideTheOrder(Delivery delivery) {
        return delivery instanceof Delivery.Redeliver;
    }

    /**
     * A stream begins that brings the deliveries of a shard.
     *
     * @param incarnation of this edge, that {@code after} was for
     * @param after       the last delivery before those that come; null where the shard knows of none, for it has given this
     *                    edge up, or none was sent yet
     * @return whether something before that was missed, so that all members have to join again
     */
    boolean begins(int partition, long incarnation, @Nullable Source after) {
        var last = taken.get(partition);
        if (after == null) return last != null;
        return incarnation == identity.current().incarnation() && (last == null || after.isBeyond(last));
    }

    /** The last delivery taken of each shard, in the present incarnation. */
    List<Source> positions() {
        return List.copyOf(taken.values());
    }

    /** Begins the next incarnation: all members join again. */
    void renew() {
        identity.renew();
        taken.clear();
        fanOut.renewed();
        receivers.rejoinAll();
    }

    /** Moves on if the source is beyond the last one taken: a router after a crash repeats itself. */
    private boolean isNew(Source source) {
        var last = taken.get(source.partition());
        if (last != null && !source.isBeyond(last)) return false;
        taken.put(source.partition(), source);
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
