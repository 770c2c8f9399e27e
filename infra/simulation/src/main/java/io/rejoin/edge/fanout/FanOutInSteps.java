package io.rejoin.edge.fanout;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.edge.metrics.FanOutMeters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * An edge's fan-out as it is, but for its threads: whoever drives it says when a member that is behind gets on by a step. It
 * stands in this package because the fan-out is nobody else's business.
 */
@NullMarked
public final class FanOutInSteps {
    /** Where pages are read. */
    @FunctionalInterface
    public interface Pages {
        /** The page, or null when history does not answer. */
        @Nullable
        ReplayPage read(RoomId room, long epoch, long after, long to, int limit);
    }

    private static final class Behind {
        final Replay replay;
        boolean failed;

        Behind(Room room, Membership member) {
            this.replay = new Replay(room, member);
        }
    }

    private final EdgeIdentity identity;
    private final Deliveries deliveries;
    private final Counter changed;
    private final Pages pages;
    private final List<Behind> behind = new ArrayList<>();

    /**
     * Nothing has come yet.
     *
     * @param later    what an edge does by and by
     * @param nanoTime the edge's stopwatch
     */
    public FanOutInSteps(EdgeIdentity identity, Rooms rooms, Receivers receivers, Pages pages, Later later,
            LongSupplier nanoTime) {
        this.identity = identity;
        this.pages = pages;
        var registry = new SimpleMeterRegistry();
        var meters = new FanOutMeters(registry);
        this.changed = registry.get("rejoin.edge.broken.invariants").tag("invariant", "changed_message").counter();
        var fanOut = new FanOut(rooms, receivers, FanOutInSteps::beside,
                (room, members) -> members.forEach(member -> behind.add(new Behind(room, member))),
                later, nanoTime, meters);
        this.deliveries = new Deliveries(identity, fanOut, receivers);
    }

    /** Takes a record that is for this edge. */
    public void take(DeliveryBatch batch) {
        for (var entry : batch.entries()) {
            var fault = deliveries.take(batch.incarnation(), entry);
            if (fault != null) throw fault.cause();
        }
        if (changed.count() > 0) throw new IllegalStateException("another message came at a place that was taken");
    }

    /** A stream begins that brings the deliveries of a shard; whether something was missed. */
    public boolean begins(int partition, long ofIncarnation, @Nullable Source after) {
        return deliveries.begins(partition, ofIncarnation, after);
    }

    /** The last delivery taken of each shard, in the present incarnation. */
    public List<Source> positions() {
        return deliveries.positions();
    }

    /** The position is gone: begins the next incarnation. */
    public void renew() {
        deliveries.renew();
    }

    public long incarnation() {
        return identity.current().incarnation();
    }

    /** Whether some member is behind. */
    public boolean isBehind() {
        return !behind.isEmpty();
    }

    /**
     * Brings one member on by a step.
     *
     * @param impatient whether the time for a slow client is over
     * @return false when nothing could be done
     */
    public boolean catchUp(RandomGenerator random, boolean impatient) {
        if (behind.isEmpty()) return false;
        var one = behind.get(random.nextInt(behind.size()));
        if (!hasRoom(one.replay)) {
            if (!impatient && one.replay.member().receiver().isOpen()) return false;
            one.replay.member().receiver().close(CloseCode.TRY_AGAIN_LATER, "too slow: reconnect and resume");
            behind.remove(one);
            return true;
        }
        switch (one.replay.advance()) {
            case Room.Step.Done _ -> behind.remove(one);
            case Room.Step.Again _ -> {
                // once there is room
            }
            case Room.Step.Read read -> read(one, read);
        }
        return true;
    }

    private void read(Behind one, Room.Step.Read read) {
        var page = pages.read(one.replay.member().room(), read.epoch(), read.after(), read.to(), one.replay.limit());
        one.failed = page == null
                || !one.replay.take(new FramedPage(one.replay.member().room(), page), read, one.failed);
    }

    /** What is not in the tail of a room is not said again: that would be read on a thread of its own. */
    private static ReplayPage beside(RoomId room, long epoch, long after, long to, int limit) throws IOException {
        throw new IOException("not now");
    }

    private static boolean hasRoom(Replay replay) {
        try {
            return replay.member().receiver().awaitRoom(replay.refused(), Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException("a simulation does not wait", e);
        }
    }
}
