package io.rejoin.edge.fanout;

import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.room.Receivers;
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
    static final Duration MIN_RENEWAL_INTERVAL = Duration.ofSeconds(10);

    private final EdgeIdentity identity;
    private final Deliveries deliveries;
    private final Coverage coverage;
    private final DeadLetterWriter deadLetterWriter;
    private final LongSupplier nanoTime;
    private final Tracing tracing;
    private final @Nullable String logId;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition positionsChanged = lock.newCondition();
    private boolean needsRenewal;
    private boolean hasRenewed;
    private long renewedAt;
    private final AtomicLong positionChanges = new AtomicLong();
    private volatile Runnable uncoveredListener = () -> {};

    /**
     * Starts without any stream.
     *
     * @param shards the number of partitions of the command log
     * @param logId  the topic id of the command log; null if this edge does not send appended records to routers
     */
    public StreamFrames(EdgeIdentity identity, FanOut fanOut, Receivers receivers, int shards,
            @Nullable String logId, DeadLetterWriter deadLetterWriter, LongSupplier nanoTime, Tracing tracing) {
        this.logId = logId;
        this.identity = identity;
        this.deliveries = new Deliveries(identity, fanOut, receivers);
        this.coverage = new Coverage(shards, nanoTime);
        this.deadLetterWriter = deadLetterWriter;
        this.nanoTime = nanoTime;
        this.tracing = tracing;
    }

    /** The first frame to a router: this edge's id, its incarnation and its positions. */
    public Frame.Hello hello() {
        lock.lock();
        try {
            var edge = identity.current();
            return new Frame.Hello(edge.edge(), edge.incarnation(), deliveries.positions(), logId);
        } finally {
            lock.unlock();
        }
    }

    /** The edge's present positions: the last delivery handled of each shard. */
    public Frame.Positions positionsFrame() {
        lock.lock();
        try {
            return new Frame.Positions(identity.current().incarnation(), deliveries.positions());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets the callback for shards without a stream. It runs whenever a stream ends, wholly or for one shard, and any
     * shard has no stream then. That may be a shard that lost its stream earlier. The callback must return at once.
     */
    public void setUncoveredListener(Runnable listener) {
        uncoveredListener = listener;
    }

    /** A counter that grows with every change of {@link #positionsFrame}. */
    public long positionChanges() {
        return positionChanges.get();
    }

    /** Waits until {@link #positionChanges} differs from {@code lastSeen}; returns false on timeout. */
    public boolean awaitChange(long lastSeen, Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            var nanos = timeout.toNanos();
            while (positionChanges.get() == lastSeen && nanos > 0) nanos = positionsChanged.awaitNanos(nanos);
            return positionChanges.get() != lastSeen;
        } finally {
            lock.unlock();
        }
    }

    private void countPositionChange() {
        positionChanges.incrementAndGet();
        positionsChanged.signalAll();
    }

    /**
     * Handles frames that arrived together. Each client is written to once, however many of its messages they contain.
     */
    public void handle(String router, List<Frame> frames) {
        Cork.hold(() -> frames.forEach(frame -> handle(router, frame)));
    }

    /**
     * Handles one frame.
     *
     * @param router the router's id, which identifies the stream
     */
    public void handle(String router, Frame frame) {
        lock.lock();
        try {
            switch (frame) {
                case Frame.Begins begins -> begin(router, begins);
                case Frame.Ends(var partition) -> {
                    coverage.removeStream(partition, router);
                    notifyIfUncovered();
                }
                case Frame.Deliveries batch -> deliver(router, batch);
                case Frame.Alive _ -> {
                    // only shows that the router is alive
                }
                case Frame.Hello _,Frame.Positions _,Frame.Appended _ ->
                    throw new IllegalArgumentException("only edges send " + frame.getClass().getSimpleName());
            }
            if (needsRenewal && mayRenew()) renew();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Handles the end of a router's stream. Its shards have no stream until another router brings them.
     *
     * @param lastFrameAt when the last frame of that stream arrived, as {@code System.nanoTime()} gives it
     */
    public void onStreamEnded(String router, long lastFrameAt) {
        lock.lock();
        try {
            coverage.removeStreams(router, lastFrameAt);
            notifyIfUncovered();
        } finally {
            lock.unlock();
        }
    }

    private void notifyIfUncovered() {
        if (coverage.uncoveredShards() > 0) uncoveredListener.run();
    }

    /** The router that owns a shard; null if not known. Safe for any thread. */
    public @Nullable String routerOf(int partition) {
        return coverage.routerOf(partition);
    }

    /** The number of shards without a stream now. Safe for any thread. */
    public int uncoveredShards() {
        return coverage.uncoveredShards();
    }

    private void begin(String router, Frame.Begins begins) {
        countPositionChange();
        var wasUncoveredForLong = coverage.addStream(begins.partition(), router);
        if (wasUncoveredForLong) {
            log.atWarn().addKeyValue("partition", begins.partition())
                    .log("a shard had no stream for long: joining all members again");
            needsRenewal = true;
        } else if (deliveries.hasGapBefore(begins.partition(), begins.incarnation(), begins.after())) {
            log.atWarn().addKeyValue("partition", begins.partition()).addKeyValue("router", router)
                    .log("deliveries were missed while there was no stream: joining all members again");
            needsRenewal = true;
        }
    }

    private void deliver(String router, Frame.Deliveries batch) {
        countPositionChange();
        try {
            var read = LogCodec.deliveryRecord(batch.value());
            var before = identity.current();
            if (!read.edge().equals(before.edge())) return;
            var problem = deliveries.handle(read, steps(router, batch));
            if (!identity.current().equals(before)) onRenewed(); // a shard gave this edge up
            if (problem != null) writeDeadLetter(router, batch, problem);
        } catch (MalformedRecordException e) {
            writeDeadLetter(router, batch, new Deliveries.Problem(String.valueOf(e.getMessage()), null, true));
        }
    }

    private IntFunction<Step> steps(String router, Frame.Deliveries batch) {
        var contexts = batch.contexts();
        if (contexts.isEmpty()) return _ -> Step.NONE;
        return index -> tracing.receive("process deliveries", contexts.get(index)).note("rejoin.router", router);
    }

    /** Writes the batch to the dead letters. If a client may miss a delivery because of it, all members join again. */
    private void writeDeadLetter(String router, Frame.Deliveries batch, Deliveries.Problem problem) {
        var letter = new DeadLetterWriter.UndeliverableBatch(identity.current().edge(), batch.value(),
                "router " + router);
        deadLetterWriter.write(letter, problem.reason(), problem.cause(), problem.needsRejoin());
        needsRenewal |= problem.needsRejoin();
    }

    private boolean mayRenew() {
        return !hasRenewed || nanoTime.getAsLong() - renewedAt >= MIN_RENEWAL_INTERVAL.toNanos();
    }

    private void renew() {
        deliveries.renew();
        onRenewed();
    }

    private void onRenewed() {
        needsRenewal = false;
        hasRenewed = true;
        renewedAt = nanoTime.getAsLong();
        coverage.restartTimes();
        countPositionChange();
    }
}
