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
     * Creates a fan-out that has taken no delivery.
     *
     * @param later    runs the edge's delayed tasks
     * @param nanoTime the edge's stopwatch, in nanoseconds
     */
    public FanOutInSteps(EdgeIdentity identity, Rooms rooms, Receivers receivers, Pages pages, DelayedTasks later,
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

    /**
     * Takes a batch of deliveries for this edge.
     *
     * @throws IllegalStateException if another message came under a seq that a room already has
     */
    public void take(DeliveryBatch batch) {
        for (var entry : batch.entries()) {
            var fault = deliveries.take(batch.incarnation(), entry);
            if (fault != null) throw fault.cause();
        }
        if (changed.count() > 0) throw new IllegalStateException("two different messages have the same seq");
    }

    /**
     * Begins a stream that brings the deliveries of a shard.
     *
     * @return whether this edge has missed deliveries before {@code after}
     */
    public boolean begins(int partition, long ofIncarnation, @Nullable Source after) {
        return deliveries.begins(partition, ofIncarnation, after);
    }

    /** The last delivery taken from each shard, in the present incarnation. */
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
     * @param impatient whether a client without room in its outbox is closed as too slow
     * @return false when nothing could be done
     */
    public boolean catchUp(RandomGenerator random, boolean impatient) {
        if (behind.isEmpty()) return false;
        var one = behind.get(random.nextInt(behind.size()));
        if (!hasRoom(one.replay)) {
            if (!impatient && one.replay.member().receiver().isOpen()) return false;
            one.replay.member().receiver().close(CloseCode.TRY_AGAIN_LATER,
                    "the client reads too slowly: reconnect and resume");
            behind.remove(one);
            return true;
        }
        switch (one.replay.advance()) {
            case Room.Step.Done _ -> behind.remove(one);
            case Room.Step.AwaitOutbox _ -> {
                // the next call tries again, once the outbox has room
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

    /**
     * Refuses to read a message for redelivery. The edge would read it on another thread; here only room tails serve.
     */
    private static ReplayPage beside(RoomId room, long epoch, long after, long to, int limit) throws IOException {
        throw new IOException("history does not answer now");
    }

    private static boolean hasRoom(Replay replay) {
        try {
            return replay.member().receiver().awaitRoom(replay.refused(), Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException("a simulation does not wait", e);
        }
    }
}
