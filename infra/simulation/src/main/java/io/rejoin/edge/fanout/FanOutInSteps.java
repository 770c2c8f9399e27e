package io.rejoin.edge.fanout;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.resume.FramedPage;
import io.rejoin.edge.resume.MemberReplay;
import io.rejoin.edge.room.LocalRoom;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.room.Receivers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Runs an edge's fan-out without its threads, for the simulation. The caller decides when a member that is behind
 * catches up by one step. The class is in this package because the fan-out is package-private.
 */
@NullMarked
public final class FanOutInSteps {
    /** Reads pages from history. */
    @FunctionalInterface
    public interface Pages {
        /** Reads a page; null when history does not answer. */
        @Nullable
        ReplayPage read(RoomId room, long epoch, long after, long to, int limit);
    }

    private static final class Behind {
        final MemberReplay replay;
        boolean failed;

        Behind(LocalRoom room, Membership member) {
            this.replay = new MemberReplay(room, member);
        }
    }

    private final EdgeIdentity identity;
    private final Deliveries deliveries;
    private final Counter changed;
    private final Pages pages;
    private final List<Behind> behind = new ArrayList<>();

    /**
     * Creates a fan-out that has handled no delivery.
     *
     * @param delayedTasks runs the edge's delayed tasks
     * @param nanoTime     the edge's stopwatch, in nanoseconds
     */
    public FanOutInSteps(EdgeIdentity identity, LocalRooms rooms, Receivers receivers, Pages pages,
            DelayedTasks delayedTasks, LongSupplier nanoTime) {
        this.identity = identity;
        this.pages = pages;
        var registry = new SimpleMeterRegistry();
        var meters = new FanOutMeters(registry);
        this.changed = registry.get("rejoin.edge.broken.invariants").tag("invariant", "changed_message").counter();
        var fanOut = new FanOut(rooms, receivers, FanOutInSteps::beside,
                (room, members) -> members.forEach(member -> behind.add(new Behind(room, member))),
                delayedTasks, nanoTime, meters);
        this.deliveries = new Deliveries(identity, fanOut, receivers);
    }

    /**
     * Handles a batch of deliveries for this edge.
     *
     * @throws IllegalStateException if another message came under a seq that a room already has
     */
    public void handle(DeliveryBatch batch) {
        for (var entry : batch.entries()) {
            var fault = deliveries.handle(batch.incarnation(), entry);
            if (fault != null) throw fault.cause();
        }
        if (changed.count() > 0) throw new IllegalStateException("two different messages have the same seq");
    }

    /**
     * Begins a stream that brings the deliveries of a shard.
     *
     * @return whether this edge has missed deliveries before {@code after}
     */
    public boolean hasGapBefore(int partition, long ofIncarnation, @Nullable Source after) {
        return deliveries.hasGapBefore(partition, ofIncarnation, after);
    }

    /** The last delivery handled of each shard, in the present incarnation. */
    public List<Source> positions() {
        return deliveries.positions();
    }

    /** Begins the next incarnation, because this edge has missed deliveries. All members join again. */
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
     * Lets one member that is behind catch up by a step.
     *
     * @param impatient whether a client without space in its outbox is closed as too slow
     * @return false when nothing could be done
     */
    public boolean catchUp(RandomGenerator random, boolean impatient) {
        if (behind.isEmpty()) return false;
        var one = behind.get(random.nextInt(behind.size()));
        if (!hasSpace(one.replay)) {
            if (!impatient && one.replay.member().receiver().isOpen()) return false;
            one.replay.member().receiver().close(CloseCode.TRY_AGAIN_LATER,
                    "the client reads too slowly: reconnect and resume");
            behind.remove(one);
            return true;
        }
        switch (one.replay.advance()) {
            case LocalRoom.CatchUpStep.Done _ -> behind.remove(one);
            case LocalRoom.CatchUpStep.AwaitOutbox _ -> {
                // the next call tries again, once the outbox has space
            }
            case LocalRoom.CatchUpStep.Read read -> read(one, read);
        }
        return true;
    }

    private void read(Behind one, LocalRoom.CatchUpStep.Read read) {
        var page = pages.read(one.replay.member().room(), read.epoch(), read.after(), read.to(),
                one.replay.pageLimit());
        one.failed = page == null
                || !one.replay.queuePage(new FramedPage(one.replay.member().room(), page), read, one.failed);
    }

    /**
     * Refuses to read a message for redelivery. The edge would read it on another thread; here only recent frames
     * serve.
     */
    private static ReplayPage beside(RoomId room, long epoch, long after, long to, int limit) throws IOException {
        throw new IOException("history does not answer now");
    }

    private static boolean hasSpace(MemberReplay replay) {
        try {
            return replay.member().receiver().awaitSpace(replay.refusedLength(), Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException("a simulation does not wait", e);
        }
    }
}
