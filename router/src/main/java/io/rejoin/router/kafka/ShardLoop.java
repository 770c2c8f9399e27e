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
 * Runs a shard on a thread of its own. One shard may have to wait, for a partition without a leader for instance. The others
 * go on, and so does the thread that reads the command log for all. It is a platform thread: a shard computes, and must not keep
 * others from doing so.
 *
 * <p>{@link #run} is this thread's; all else is safe for any thread.
 */
final class ShardLoop implements Runnable, Inlet.Outlet<ConsumerRecord<byte[], byte[]>> {
    /** Records that wait for their shard, beyond which its partition is paused; so it is by {@link InFlight} for their bytes. */
    private static final int ENOUGH = 1_000;
    /** Bytes of commands that are taken at once: more follows from them than they are, and that should be acknowledged first. */
    private static final long PORTION = 256 * 1024;
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** How often a shard that waits for something looks whether it has come. */
    private static final Duration SOON = Duration.ofMillis(10);
    private static final List<ConsumerRecord<byte[], byte[]>> WAKE = List.of();

    private enum Ending {
        NOT, RELEASE, ABANDON
    }

    private final int partition;
    private final OwnedShard shard;
    private final Suspects suspects;
    private final ShardDuties duties;
    private final InFlight inFlight;
    private final BlockingQueue<List<ConsumerRecord<byte[], byte[]>>> inbox = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private long lastLook = System.nanoTime();
    private volatile Ending ending = Ending.NOT;
    private volatile @Nullable Throwable failure;

    private ShardLoop(int partition, OwnedShard shard, Suspects suspects, ShardDuties duties, InFlight inFlight) {
        this.partition = partition;
        this.shard = shard;
        this.suspects = suspects;
        this.duties = duties;
        this.inFlight = inFlight;
        this.thread = Thread.ofPlatform().name("shard-" + partition).unstarted(this);
    }

    /** Begins to run a shard that was taken over. */
    static ShardLoop start(int partition, OwnedShard shard, Suspects suspects, ShardDuties duties,
            InFlight inFlight) {
        var loop = new ShardLoop(partition, shard, suspects, duties, inFlight);
        loop.thread.start();
        return loop;
    }

    OwnedShard shard() {
        return shard;
    }

    /** Hands records over. Never blocks: whoever does asks {@link #hasRoom} before it fetches more. */
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

    /** Records that were handed over, and are not taken yet. */
    int waiting() {
        return waiting.get();
    }

    /** Whether the shard should get more; one that waits for Kafka itself does not. */
    @Override
    public boolean hasRoom() {
        return waiting.get() < ENOUGH && waitingBytes.get() < inFlight.each() && !shard.isFull();
    }

    /** Why the shard has to be taken over again; null while it runs. An {@link Error} is not this shard's alone. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Begins to hand the shard over in good order: what waits is left to the next owner. */
    void beginRelease() {
        if (ending == Ending.NOT) ending = Ending.RELEASE;
        inbox.add(WAKE);
    }

    /** Whether the shard was handed over before that time, by the stopwatch. */
    boolean isReleased(long deadline) throws InterruptedException {
        var left = deadline - System.nanoTime();
        return left > 0 ? thread.join(Duration.ofNanos(left)) : !thread.isAlive();
    }

    /** Gives the shard up at once. Does not wait for clients that close. */
    void abandon() {
        ending = Ending.ABANDON;
        Thread.ofVirtual().name("shard-abandoned-" + partition).start(() -> {
            shard.abandon(); // whatever the thread waits for ends with it
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
        if (failure != null) return; // its state may be half changed
        shard.checkpointIfDue();
        if (System.nanoTime() - lastLook < LOOK.toNanos()) return;
        lastLook = System.nanoTime();
        duties.look(partition, shard);
    }

    /** Waits a moment for what is on its way. */
    private static void await() throws InterruptedException {
        Thread.sleep(SOON);
    }

    /** A shard at rest hardly ever wakes up. */
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
        if (!suspects.mayFollow(records.getFirst().offset())) {
            shard.take(records);
            return;
        }
        for (var record : records) {
            var leftOut = suspects.proven(record.offset());
            shard.takeOneByOne(record, leftOut);
            if (!leftOut.isEmpty()) settle();
            if (shard.failure() != null || ending != Ending.NOT) return;
        }
    }

    /** Only what is in a checkpoint keeps the next owner from deciding otherwise. */
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
