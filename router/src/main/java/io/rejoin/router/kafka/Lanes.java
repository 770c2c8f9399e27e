package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one shard has on its way to each partition of {@code rejoin.deliveries}. One that takes nothing while Kafka answers, for
 * want of a leader for instance, is cut off: nothing there is waited for any more once the log says so, and it holds up nobody
 * but the edges behind it. It is joined again by the first record that it takes. Safe for any thread.
 */
final class Lanes {
    /** How long a partition may take nothing; and how long when the shard can take no more commands because of that. */
    static final Duration STUCK = Duration.ofSeconds(10);
    static final Duration STUCK_WHEN_FULL = Duration.ofSeconds(5);
    /** What passed between two looks counts up to this: longer, and this router itself stood still. */
    private static final Duration STEP = Duration.ofSeconds(1);

    /** A record on its way. */
    static final class Sent {
        private final EdgeRef edge;
        private final Runnable settle;
        private boolean settled;
        private boolean isCut;

        private Sent(EdgeRef edge, Runnable settle) {
            this.edge = edge;
            this.settle = settle;
        }

        private void settle() {
            if (settled) return;
            settled = true;
            settle.run();
        }
    }

    private static final class Lane {
        private final ArrayDeque<Sent> open = new ArrayDeque<>();
        private @Nullable Sent head;
        private long stuckNanos;
        private boolean isCut;
        private boolean isProbed;
    }

    private final LongSupplier stopwatch;
    private final Map<Integer, Lane> lanes = new HashMap<>();
    private long lookedAt;

    /** @param stopwatch as {@code System.nanoTime} */
    Lanes(LongSupplier stopwatch) {
        this.stopwatch = stopwatch;
        this.lookedAt = stopwatch.getAsLong();
    }

    /**
     * A record is sent to an edge.
     *
     * @param settle run once it need not be waited for any more
     */
    synchronized Sent sent(EdgeRef edge, Runnable settle) {
        var sent = new Sent(edge, settle);
        lane(edge.partition()).open.add(sent);
        return sent;
    }

    synchronized void acknowledged(Sent sent) {
        var lane = lane(sent.edge.partition());
        lane.open.remove(sent); // it is the first, but for those that were cut off
        lane.isCut = false;
        sent.settle();
    }

    /** A record was not taken; whether that costs nothing, since its edge is given up. */
    synchronized boolean isHarmless(Sent sent) {
        return sent.isCut;
    }

    /** The log says that the edge of these is given up: they need not be waited for any more. */
    synchronized void settle(List<Sent> cut) {
        cut.forEach(Sent::settle);
    }

    synchronized boolean isCut(int partition) {
        var lane = lanes.get(partition);
        return lane != null && lane.isCut;
    }

    /** Whether one record may be tried on a partition that is cut off: if none is on its way. */
    synchronized boolean mayProbe(int partition) {
        var lane = lane(partition);
        if (!lane.isCut) return true;
        if (lane.isProbed) return false;
        lane.isProbed = true;
        return true;
    }

    /** What was tried has come to an end. */
    synchronized void probed(int partition, boolean taken) {
        var lane = lane(partition);
        lane.isProbed = false;
        if (taken) lane.isCut = false;
    }

    /**
     * Cuts off what is stuck; to be called often.
     *
     * @param isHeard whether Kafka answers: if not, nothing of that time counts
     * @return what each edge misses: to be {@link #settle}d once the log says so, for a checkpoint may then go beyond it
     */
    synchronized Map<EdgeRef, List<Sent>> cutOff(boolean isHeard, Duration patience) {
        var now = stopwatch.getAsLong();
        var passed = isHeard ? Math.min(now - lookedAt, STEP.toNanos()) : 0;
        lookedAt = now;
        var missing = new HashMap<EdgeRef, List<Sent>>();
        for (var lane : lanes.values()) {
            var head = lane.open.peek();
            lane.stuckNanos = head != null && head == lane.head ? lane.stuckNanos + passed : 0;
            lane.head = head;
            if (lane.stuckNanos < patience.toNanos() || head == null) continue;
            lane.isCut = true;
            for (var sent : lane.open) {
                sent.isCut = true;
                missing.computeIfAbsent(sent.edge, _ -> new ArrayList<>()).add(sent);
            }
            lane.open.clear();
        }
        return missing;
    }

    private Lane lane(int partition) {
        return lanes.computeIfAbsent(partition, _ -> new Lane());
    }
}
