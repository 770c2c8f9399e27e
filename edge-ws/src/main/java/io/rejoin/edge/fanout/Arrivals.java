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
 * What comes over the streams from routers, frame by frame: deliveries are carried out, and whatever is missed or cannot be used
 * makes all members join again. Safe for any thread: streams take turns.
 */
public final class Arrivals {
    private static final Logger log = LoggerFactory.getLogger(Arrivals.class);
    /** The edge takes a new incarnation by itself no more often than this, however much is missed or cannot be used. */
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
     * Nothing has come yet.
     *
     * @param shards how many partitions the command log has
     * @param logId  the id of its topic; null where routers are not told of what is appended
     */
    public Arrivals(EdgeIdentity identity, FanOut fanOut, Receivers receivers, int shards,
            @Nullable String logId, DeadLetters deadLetters, LongSupplier nanoTime, Tracing tracing) {
        this.logId = logId;
        this.identity = identity;
        this.deliveries = new Deliveries(identity, fanOut, receivers);
        this.coverage = new Coverage(shards, nanoTime);
        this.deadLetters = deadLetters;
        this.nanoTime = nanoTime;
        this.tracing = tracing;
    }

    /** Who this edge is and how far it is: the first word to a router. */
    public Frame.Hello hello() {
        turn.lock();
        try {
            var edge = identity.current();
            return new Frame.Hello(edge.edge(), edge.incarnation(), deliveries.positions(), logId);
        } finally {
            turn.unlock();
        }
    }

    /** How far it is by now. */
    public Frame.Reached reached() {
        turn.lock();
        try {
            return new Frame.Reached(identity.current().incarnation(), deliveries.positions());
        } finally {
            turn.unlock();
        }
    }

    /** Has that called when no stream brings some shard any more; it returns at once. */
    public void whenUncovered(Runnable action) {
        uncoveredNow = action;
    }

    /** Goes on with whatever changes {@link #reached}. */
    public long taken() {
        return taken.get();
    }

    /** Waits until {@link #taken} is another number than that; false when it takes longer. */
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

    /** Frames come together. Each client is written to once, however many of its messages are in them. */
    public void take(String router, List<Frame> frames) {
        Cork.hold(() -> frames.forEach(frame -> take(router, frame)));
    }

    /**
     * A frame comes.
     *
     * @param router by which a stream is known
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
                    // nothing comes of it
                }
                case Frame.Hello _,Frame.Reached _,Frame.Appended _ ->
                    throw new IllegalArgumentException("only edges say " + frame.getClass().getSimpleName());
            }
            if (isInDoubt && mayRenew()) renew();
        } finally {
            turn.unlock();
        }
    }

    /** The stream from that router is over: nothing comes of the shards that it brought until another one does. */
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

    /** The router that has a shard, as far as is known. Safe for any thread. */
    public @Nullable String router(int partition) {
        return coverage.router(partition);
    }

    /** Shards of which no stream brings the deliveries now. Safe for any thread. */
    public int uncovered() {
        return coverage.uncovered();
    }

    private void begin(String router, Frame.Begins begins) {
        movesOn();
        var wasDark = coverage.begins(begins.partition(), router);
        if (wasDark) {
            log.atWarn().addKeyValue("partition", begins.partition())
                    .log("nothing came of a shard for long: joining all members again");
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
            if (!identity.current().equals(before)) renewed(); // it was given up
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

    /** Where nobody knows what was in it, or who waits for that, everybody joins again, and whatever is missing shows. */
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
