package io.rejoin.router.kafka;

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
final class ShardLoop implements Runnable, Inlet.Outlet<ConsumerRecord<byte[], byte[]>> {
    /** The partition is paused at this many waiting records. {@link InFlight} limits their bytes. */
    private static final int ENOUGH = 1_000;
    /**
     * How many bytes of commands are taken at once. Their outputs are larger than the commands, and should be
     * acknowledged before the next portion.
     */
    private static final long PORTION = 256 * 1024;
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** How often a waiting shard checks its condition. */
    private static final Duration SOON = Duration.ofMillis(10);
    private static final List<ConsumerRecord<byte[], byte[]>> WAKE = List.of();

    private enum Ending {
        NOT, RELEASE, ABANDON
    }

    private final int partition;
    private final OwnedShard shard;
    private final PoisonDetector poisonDetector;
    private final ShardDuties duties;
    private final InFlight inFlight;
    private final BlockingQueue<List<ConsumerRecord<byte[], byte[]>>> inbox = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private long lastLook = System.nanoTime();
    private volatile Ending ending = Ending.NOT;
    private volatile @Nullable Throwable failure;

    private ShardLoop(int partition, OwnedShard shard, PoisonDetector poisonDetector, ShardDuties duties,
            InFlight inFlight) {
        this.partition = partition;
        this.shard = shard;
        this.poisonDetector = poisonDetector;
        this.duties = duties;
        this.inFlight = inFlight;
        this.thread = Thread.ofPlatform().name("shard-" + partition).unstarted(this);
    }

    /** Starts to run a shard that was taken over. */
    static ShardLoop start(int partition, OwnedShard shard, PoisonDetector poisonDetector, ShardDuties duties,
            InFlight inFlight) {
        var loop = new ShardLoop(partition, shard, poisonDetector, duties, inFlight);
        loop.thread.start();
        return loop;
    }

    OwnedShard shard() {
        return shard;
    }

    /** Queues records for the shard. Never blocks: the caller checks {@link #hasRoom} before it fetches more. */
    @Override
    public void put(List<ConsumerRecord<byte[], byte[]>> records) {
        waiting.addAndGet(records.size());
        waitingBytes.addAndGet(bytes(records));
        var from = 0;
        var portion = 0L;
        for (var n = 0; n < records.size(); n++) {
            portion += bytes(records.get(n));
            if (portion < PORTION && n < records.size() - 1) continue;
            inbox.add(List.copyOf(records.subList(from, n + 1)));
            from = n + 1;
            portion = 0;
        }
    }

    /** The number of records that are queued and not taken yet. */
    int waiting() {
        return waiting.get();
    }

    /** Whether the shard should get more records; false also while too many outputs are unacknowledged. */
    @Override
    public boolean hasRoom() {
        return waiting.get() < ENOUGH && waitingBytes.get() < inFlight.each() && !shard.isFull();
    }

    /** Why the shard must be taken over again; null while it runs. An {@link Error} concerns the whole router. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Begins to release the shard. The next owner takes the records that are still queued. */
    void beginRelease() {
        if (ending == Ending.NOT) ending = Ending.RELEASE;
        inbox.add(WAKE);
    }

    /**
     * Waits until the shard is released; false if that takes longer.
     *
     * @param deadline by the stopwatch
     */
    boolean isReleased(long deadline) throws InterruptedException {
        var left = deadline - System.nanoTime();
        return left > 0 ? thread.join(Duration.ofNanos(left)) : !thread.isAlive();
    }

    /** Gives the shard up at once. Does not wait for its clients to close. */
    void abandon() {
        ending = Ending.ABANDON;
        Thread.ofVirtual().name("shard-abandoned-" + partition).start(() -> {
            shard.abandon(); // this ends whatever the shard's thread waits for
            inbox.add(WAKE);
        });
    }

    @Override
    public void run() {
        try {
            while (ending == Ending.NOT && failure == null) turn();
        } catch (InterruptedException | RuntimeException | Error e) {
            failure = e;
        } finally {
            if (ending == Ending.RELEASE && failure == null) shard.release();
            else
                shard.abandon();
        }
    }

    private void turn() throws InterruptedException {
        if (shard.isFull()) await();
        else
            taken(inbox.poll(idle().toMillis(), TimeUnit.MILLISECONDS));
        failure = shard.failure();
        if (failure != null) return; // no checkpoint: the state may be half changed
        shard.checkpointIfDue();
        if (System.nanoTime() - lastLook < LOOK.toNanos()) return;
        lastLook = System.nanoTime();
        duties.look(partition, shard);
    }

    /** Waits a moment. */
    private static void await() throws InterruptedException {
        Thread.sleep(SOON);
    }

    /** How long to wait for records. An idle shard wakes up rarely. */
    private Duration idle() {
        return shard.isSettled() ? LOOK : shard.untilCheckpoint();
    }

    private void taken(@Nullable List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        if (records == null) return;
        if (!records.isEmpty()) take(records);
        waiting.addAndGet(-records.size());
        waitingBytes.addAndGet(-bytes(records));
    }

    private void take(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        if (!poisonDetector.mayFollow(records.getFirst().offset())) {
            shard.take(records);
            return;
        }
        for (var record : records) {
            var leftOut = poisonDetector.proven(record.offset());
            shard.takeOneByOne(record, leftOut);
            if (!leftOut.isEmpty()) settle();
            if (shard.failure() != null || ending != Ending.NOT) return;
        }
    }

    /** Waits for a checkpoint. Only a checkpoint makes the next owner leave out the same commands. */
    private void settle() throws InterruptedException {
        while (!shard.isSettled() && shard.failure() == null && ending == Ending.NOT) {
            shard.checkpointIfDue();
            await();
        }
    }

    private static long bytes(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().mapToLong(ShardLoop::bytes).sum();
    }

    private static long bytes(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? 0 : record.value().length;
    }
}
