package io.rejoin.router.shard;

import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.link.Inlet;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Runs a shard on its own thread. A shard may have to wait, for example for a partition without a leader; the other
 * shards and the thread that reads the command log go on. It is a platform thread, because a shard uses the CPU and
 * must not keep virtual threads from running.
 *
 * <p>Only this thread calls {@link #run}; all other methods are safe for any thread.
 */
public final class ShardLoop implements Runnable, Inlet.Outlet<ConsumerRecord<byte[], byte[]>> {
    /** The partition is paused at this many waiting records. {@link InFlightLimits} limits their bytes. */
    private static final int MAX_WAITING = 1_000;
    /**
     * How many bytes of commands are processed at once. Their outputs are larger than the commands, and should be
     * acknowledged before the next portion.
     */
    private static final long PORTION_BYTES = 256 * 1024;
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    /** How often a waiting shard checks its condition. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(10);
    private static final List<ConsumerRecord<byte[], byte[]>> WAKE_UP = List.of();

    private enum Ending {
        NONE, RELEASE, ABANDON
    }

    private final int partition;
    private final OwnedShard shard;
    private final PoisonDetector poisonDetector;
    private final ShardChecks checks;
    private final InFlightLimits inFlightLimits;
    private final BlockingQueue<List<ConsumerRecord<byte[], byte[]>>> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waitingRecords = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private long lastCheckAt = System.nanoTime();
    private volatile Ending ending = Ending.NONE;
    private volatile @Nullable Throwable failure;

    private ShardLoop(int partition, OwnedShard shard, PoisonDetector poisonDetector, ShardChecks checks,
            InFlightLimits inFlightLimits) {
        this.partition = partition;
        this.shard = shard;
        this.poisonDetector = poisonDetector;
        this.checks = checks;
        this.inFlightLimits = inFlightLimits;
        this.thread = Thread.ofPlatform().name("shard-" + partition).unstarted(this);
    }

    /** Starts to run a shard that was taken over. */
    public static ShardLoop start(int partition, OwnedShard shard, PoisonDetector poisonDetector, ShardChecks checks,
            InFlightLimits inFlightLimits) {
        var loop = new ShardLoop(partition, shard, poisonDetector, checks, inFlightLimits);
        loop.thread.start();
        return loop;
    }

    public OwnedShard shard() {
        return shard;
    }

    /** Queues records for the shard. Never blocks: the caller checks {@link #hasSpace} before it fetches more. */
    @Override
    public void put(List<ConsumerRecord<byte[], byte[]>> records) {
        waitingRecords.addAndGet(records.size());
        waitingBytes.addAndGet(bytes(records));
        var from = 0;
        var portionBytes = 0L;
        for (var i = 0; i < records.size(); i++) {
            portionBytes += bytes(records.get(i));
            if (portionBytes < PORTION_BYTES && i < records.size() - 1) continue;
            queue.add(List.copyOf(records.subList(from, i + 1)));
            from = i + 1;
            portionBytes = 0;
        }
    }

    /** The number of records that are queued and not processed yet. */
    int waitingRecords() {
        return waitingRecords.get();
    }

    /** Whether the shard should get more records; false also while too many outputs are unacknowledged. */
    @Override
    public boolean hasSpace() {
        return waitingRecords.get() < MAX_WAITING && waitingBytes.get() < inFlightLimits.bytesPerShard()
                && !shard.isFull();
    }

    /** Why the shard must be taken over again; null while it runs. An {@link Error} concerns the whole router. */
    @Nullable
    public Throwable failure() {
        return failure;
    }

    /** Begins to release the shard. The next owner processes the records that are still queued. */
    public void beginRelease() {
        if (ending == Ending.NONE) ending = Ending.RELEASE;
        queue.add(WAKE_UP);
    }

    /**
     * Waits until the shard is released; false if that takes longer.
     *
     * @param deadline by the stopwatch
     */
    public boolean awaitReleased(long deadline) throws InterruptedException {
        var remainingNanos = deadline - System.nanoTime();
        return remainingNanos > 0 ? thread.join(Duration.ofNanos(remainingNanos)) : !thread.isAlive();
    }

    /** Gives the shard up at once. Does not wait for its clients to close. */
    public void abandon() {
        ending = Ending.ABANDON;
        Thread.ofVirtual().name("shard-abandoned-" + partition).start(() -> {
            shard.abandon(); // this ends whatever the shard's thread waits for
            queue.add(WAKE_UP);
        });
    }

    @Override
    public void run() {
        try {
            while (ending == Ending.NONE && failure == null) runOnce();
        } catch (InterruptedException | RuntimeException | Error e) {
            failure = e;
        } finally {
            if (ending == Ending.RELEASE && failure == null) shard.release();
            else
                shard.abandon();
        }
    }

    private void runOnce() throws InterruptedException {
        if (shard.isFull()) pause();
        else
            processPortion(queue.poll(pollTimeout().toMillis(), TimeUnit.MILLISECONDS));
        failure = shard.failure();
        if (failure != null) return; // no checkpoint: the state may be half changed
        shard.checkpointIfDue();
        if (System.nanoTime() - lastCheckAt < CHECK_INTERVAL.toNanos()) return;
        lastCheckAt = System.nanoTime();
        checks.run(partition, shard);
    }

    /** Waits a moment. */
    private static void pause() throws InterruptedException {
        Thread.sleep(RETRY_INTERVAL);
    }

    /** How long to wait for records. An idle shard wakes up rarely. */
    private Duration pollTimeout() {
        return shard.isCheckpointed() ? CHECK_INTERVAL : shard.untilCheckpoint();
    }

    private void processPortion(@Nullable List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        if (records == null) return;
        if (!records.isEmpty()) processRecords(records);
        waitingRecords.addAndGet(-records.size());
        waitingBytes.addAndGet(-bytes(records));
    }

    private void processRecords(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        if (!poisonDetector.isSuspect(records.getFirst().offset())) {
            shard.process(records);
            return;
        }
        for (var record : records) {
            var skippedIndexes = poisonDetector.provenIndexes(record.offset());
            shard.processOneByOne(record, skippedIndexes);
            if (!skippedIndexes.isEmpty()) awaitCheckpoint();
            if (shard.failure() != null || ending != Ending.NONE) return;
        }
    }

    /** Waits for a checkpoint. Only a checkpoint makes the next owner skip the same commands. */
    private void awaitCheckpoint() throws InterruptedException {
        while (!shard.isCheckpointed() && shard.failure() == null && ending == Ending.NONE) {
            shard.checkpointIfDue();
            pause();
        }
    }

    private static long bytes(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().mapToLong(ShardLoop::bytes).sum();
    }

    private static long bytes(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? 0 : record.value().length;
    }
}
