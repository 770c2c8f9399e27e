package io.rejoin.edge.fanout;

import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.edge.websocket.Cork;
import io.rejoin.link.Frame;
import io.rejoin.tracing.Step;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the frames that routers send over their streams. It carries out deliveries. When a delivery is missed or
 * cannot be used, it makes all members join again. Safe for any thread: a lock lets one stream in at a time.
 *
 * <p>To make all members join again, the edge begins a new incarnation: it keeps its id and its connections, counts
 * {@link io.rejoin.contracts.EdgeRef#incarnation} up, and sends a join for every member under the new number. It drops
 * most deliveries that are for an earlier incarnation. A new incarnation begins in two cases: a router reports that it
 * has given this edge up, or this class finds that deliveries may be missing.
 */
public final class StreamFrames {
    private static final Logger log = LoggerFactory.getLogger(StreamFrames.class);
    /**
     * After a new incarnation, the edge waits at least this long before missed deliveries make it begin another one. A
     * router's report that it has given this edge up takes effect at once.
     */
    static final Duration RENEWAL = Duration.ofSeconds(10);

    private final EdgeIdentity identity;
    private final Deliveries deliveries;
    private final Coverage coverage;
    private final DeadLetters deadLetters;
    private final LongSupplier nanoTime;
    private final Tracing tracing;
    private final @Nullable String logId;
    private final ReentrantLock turn = new ReentrantLock();
    private final Condition movedOn = turn.newCondition();
    private boolean isInDoubt;
    private boolean hasRenewed;
    private long renewedAt;
    private final AtomicLong taken = new AtomicLong();
    private volatile Runnable uncoveredNow = () -> {};

    /**
     * Starts without any stream.
     *
     * @param shards the number of partitions of the command log
     * @param logId  the topic id of the command log; null if this edge does not send appended records to routers
     */
    public StreamFrames(EdgeIdentity identity, FanOut fanOut, Receivers receivers, int shards,
            @Nullable String logId, DeadLetters deadLetters, LongSupplier nanoTime, Tracing tracing) {
        this.logId = logId;
        this.identity = identity;
        this.deliveries = new Deliveries(identity, fanOut, receivers);
        this.coverage = new Coverage(shards, nanoTime);
        this.deadLetters = deadLetters;
        this.nanoTime = nanoTime;
        this.tracing = tracing;
    }

    /** The first frame to a router: this edge's id, its incarnation and its positions. */
    public Frame.Hello hello() {
        turn.lock();
        try {
            var edge = identity.current();
            return new Frame.Hello(edge.edge(), edge.incarnation(), deliveries.positions(), logId);
        } finally {
            turn.unlock();
        }
    }

    /** The edge's present positions: the last delivery taken of each shard. */
    public Frame.Reached reached() {
        turn.lock();
        try {
            return new Frame.Reached(identity.current().incarnation(), deliveries.positions());
        } finally {
            turn.unlock();
        }
    }

    /**
     * Sets the callback for shards without a stream. It runs whenever a stream ends, wholly or for one shard, and any
     * shard has no stream then. That may be a shard that lost its stream earlier. The callback must return at once.
     */
    public void whenUncovered(Runnable action) {
        uncoveredNow = action;
    }

    /** A counter that grows with every change of {@link #reached}. */
    public long taken() {
        return taken.get();
    }

    /** Waits until {@link #taken} differs from {@code seen}; returns false on timeout. */
    public boolean awaitOther(long seen, Duration atMost) throws InterruptedException {
        turn.lock();
        try {
            var nanos = atMost.toNanos();
            while (taken.get() == seen && nanos > 0) nanos = movedOn.awaitNanos(nanos);
            return taken.get() != seen;
        } finally {
            turn.unlock();
        }
    }

    private void movesOn() {
        taken.incrementAndGet();
        movedOn.signalAll();
    }

    /**
     * Handles frames that arrived together. Each client is written to once, however many of its messages they contain.
     */
    public void take(String router, List<Frame> frames) {
        Cork.hold(() -> frames.forEach(frame -> take(router, frame)));
    }

    /**
     * Handles one frame.
     *
     * @param router the router's id, which identifies the stream
     */
    public void take(String router, Frame frame) {
        turn.lock();
        try {
            switch (frame) {
                case Frame.Begins begins -> begin(router, begins);
                case Frame.Ends(var partition) -> {
                    coverage.ends(partition, router);
                    tellIfUncovered();
                }
                case Frame.Deliveries batch -> deliver(router, batch);
                case Frame.Alive _ -> {
                    // only shows that the router is alive
                }
                case Frame.Hello _,Frame.Reached _,Frame.Appended _ ->
                    throw new IllegalArgumentException("only edges send " + frame.getClass().getSimpleName());
            }
            if (isInDoubt && mayRenew()) renew();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Handles the end of a router's stream. Its shards have no stream until another router brings them.
     *
     * @param heardAt when the last frame of that stream arrived, as {@code System.nanoTime()} gives it
     */
    public void ended(String router, long heardAt) {
        turn.lock();
        try {
            coverage.ended(router, heardAt);
            tellIfUncovered();
        } finally {
            turn.unlock();
        }
    }

    private void tellIfUncovered() {
        if (coverage.uncovered() > 0) uncoveredNow.run();
    }

    /** The router that owns a shard; null if not known. Safe for any thread. */
    public @Nullable String router(int partition) {
        return coverage.router(partition);
    }

    /** The number of shards without a stream now. Safe for any thread. */
    public int uncovered() {
        return coverage.uncovered();
    }

    private void begin(String router, Frame.Begins begins) {
        movesOn();
        var wasDark = coverage.begins(begins.partition(), router);
        if (wasDark) {
            log.atWarn().addKeyValue("partition", begins.partition())
                    .log("a shard had no stream for long: joining all members again");
            isInDoubt = true;
        } else if (deliveries.begins(begins.partition(), begins.incarnation(), begins.after())) {
            log.atWarn().addKeyValue("partition", begins.partition()).addKeyValue("router", router)
                    .log("deliveries were missed while there was no stream: joining all members again");
            isInDoubt = true;
        }
    }

    private void deliver(String router, Frame.Deliveries batch) {
        movesOn();
        try {
            var read = LogCodec.deliveryRecord(batch.value());
            var before = identity.current();
            if (!read.edge().equals(before.edge())) return;
            var trouble = deliveries.take(read, steps(router, batch));
            if (!identity.current().equals(before)) renewed(); // a shard gave this edge up
            if (trouble != null) setAside(router, batch, trouble);
        } catch (MalformedRecordException e) {
            setAside(router, batch, new Deliveries.Trouble(String.valueOf(e.getMessage()), null, true));
        }
    }

    private IntFunction<Step> steps(String router, Frame.Deliveries batch) {
        var contexts = batch.contexts();
        if (contexts.isEmpty()) return _ -> Step.NONE;
        return index -> tracing.receive("process deliveries", contexts.get(index)).note("rejoin.router", router);
    }

    /** Writes the batch to the dead letters. If a client may miss a delivery because of it, all members join again. */
    private void setAside(String router, Frame.Deliveries batch, Deliveries.Trouble trouble) {
        deadLetters.put(new DeadLetters.Undelivered(identity.current().edge(), batch.value(), "router " + router),
                trouble.reason(), trouble.cause(), trouble.isInDoubt());
        isInDoubt |= trouble.isInDoubt();
    }

    private boolean mayRenew() {
        return !hasRenewed || nanoTime.getAsLong() - renewedAt >= RENEWAL.toNanos();
    }

    private void renew() {
        deliveries.renew();
        renewed();
    }

    private void renewed() {
        isInDoubt = false;
        hasRenewed = true;
        renewedAt = nanoTime.getAsLong();
        coverage.renewed();
        movesOn();
    }
}
