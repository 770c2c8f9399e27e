package io.rejoin.router.partition;

import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlet;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.liveness.RecentEdges;
import io.rejoin.router.metrics.RouterInvariant;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.metrics.ShardStatus;
import io.rejoin.router.shard.CommandReader;
import io.rejoin.router.shard.OwnedShard;
import io.rejoin.router.shard.PoisonDetector;
import io.rejoin.router.shard.PoisonException;
import io.rejoin.router.shard.ShardChecks;
import io.rejoin.router.shard.ShardLoop;
import io.rejoin.router.shard.Takeover;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An assigned partition and the state of its shard. The shard is being taken over, is running, or waits for a retry
 * after a failure. Used only by the command loop's thread.
 *
 * <pre>
 * TAKING OVER ──ready──► RUNNING ──produce or checkpoint failed──► WAITING ──backoff──► TAKING OVER
 *      └───────────────failed────────────────────────────────────►┘
 * </pre>
 */
final class PartitionSlot {
    private static final Logger log = LoggerFactory.getLogger(PartitionSlot.class);
    /** A shard has recovered once it has run for this long or has made a checkpoint. */
    private static final Duration RECOVERED_AFTER = Duration.ofSeconds(3);
    private static final long UNKNOWN_OFFSET = -1;

    /** What all slots of a router share. */
    record Shared(KafkaClients clients, OutputProducer outputProducer, EdgeStreams streams, Inlets inlets,
            CommandReader reader, RecentEdges recentEdges, ShardChecks checks, InFlightLimits inFlightLimits,
            RandomGenerator random, RouterMeters meters, Tracing tracing) {}

    private final TopicPartition partition;
    private final Shared shared;
    private final RetryBackoff backoff;
    private final PoisonDetector poisonDetector = new PoisonDetector();
    private @Nullable FutureTask<OwnedShard> takeover;
    private @Nullable ShardLoop shardLoop;
    /** Present while the shard runs. */
    private @Nullable Inlet<ConsumerRecord<byte[], byte[]>> inlet;
    private final Fetching fetching;
    /** The known end of the log. */
    private long endOffset = UNKNOWN_OFFSET;
    private long takeoverOffset;
    /** When the shard was assigned, began to run, or failed; by the stopwatch. */
    private long stateSince = System.nanoTime();

    PartitionSlot(TopicPartition partition, Consumer<byte[], byte[]> consumer, Shared shared) {
        this.partition = partition;
        this.fetching = new Fetching(partition, consumer);
        this.shared = shared;
        this.backoff = new RetryBackoff(partition.partition(), shared.random());
    }

    void onFetched(List<ConsumerRecord<byte[], byte[]>> records) {
        if (inlet == null) return;
        inlet.onFetched(fetching.onPolled(records), records);
    }

    TopicPartition partition() {
        return partition;
    }

    /** The offset in the last checkpoint, for tools that show lag; empty while the shard does not run. */
    Optional<OffsetAndMetadata> checkpointOffset() {
        return Optional.ofNullable(shardLoop).map(loop -> new OffsetAndMetadata(loop.shard().checkpointOffset()));
    }

    ShardStatus status() {
        var state = shardLoop != null
                ? ShardStatus.State.RUNNING
                : takeover != null ? ShardStatus.State.TAKING_OVER : ShardStatus.State.WAITING;
        return new ShardStatus(partition.partition(), state, stateSince, backoff.reason(),
                shardLoop == null ? null : shardLoop.shard().nextOffset(),
                lag(),
                shardLoop == null ? null : shardLoop.shard().uncheckpointedNanos());
    }

    private @Nullable Long lag() {
        if (shardLoop == null || inlet == null) return null;
        endOffset = Math.max(endOffset, fetching.endOffset().orElse(UNKNOWN_OFFSET));
        if (endOffset == UNKNOWN_OFFSET) return null;
        return Math.max(0, Math.max(endOffset, inlet.endOffset()) - shardLoop.shard().nextOffset());
    }

    /**
     * Does the work that is due, without blocking. A failure affects this shard alone; an {@link Error} ends the
     * router.
     */
    void doDueWork() {
        if (shardLoop != null) checkRunning(shardLoop);
        else if (takeover != null && takeover.isDone()) startShard(takeover);
        else if (takeover == null && backoff.isRetryDue()) beginTakeover();
    }

    /** Fails this shard for a reason outside of it. */
    void fail(RuntimeException cause) {
        abandon();
        fetching.pause();
        onFailure(cause);
    }

    /**
     * Releases shards concurrently, each with a last checkpoint. A shard that does not finish in time is given up: its
     * next owner repeats the commands since its last checkpoint.
     */
    static void release(Collection<PartitionSlot> slots, Duration atMost) {
        var deadline = System.nanoTime() + atMost.toNanos();
        slots.forEach(PartitionSlot::beginRelease);
        slots.forEach(slot -> slot.awaitRelease(deadline));
    }

    private void beginRelease() {
        closeInlet();
        if (shardLoop != null) shardLoop.beginRelease();
    }

    private void awaitRelease(long deadline) {
        try {
            if (shardLoop != null && !shardLoop.awaitReleased(deadline))
                log.atWarn().addKeyValue("partition", partition.partition())
                        .log("shard released without a final checkpoint: the next router repeats some commands");
            else
                shardLoop = null;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        abandon();
    }

    void abandon() {
        closeInlet();
        if (shardLoop != null) shardLoop.abandon();
        shardLoop = null;
        if (takeover != null) abandonWhenDone(takeover);
        takeover = null;
    }

    private void checkRunning(ShardLoop loop) {
        switch (loop.failure()) {
            case null -> {
                if (loop.shard().checkpointOffset() > takeoverOffset
                        || System.nanoTime() - stateSince > RECOVERED_AFTER.toNanos())
                    backoff.reset();
                if (inlet != null && loop.hasSpace() && inlet.decideFetch(fetching.isOn()))
                    fetching.start(inlet.nextOffset());
                else
                    fetching.pause();
            }
            case Error error -> throw error;
            case Throwable cause -> {
                closeInlet();
                shardLoop = null; // the loop closes the shard itself
                fetching.pause();
                onFailure(cause instanceof Exception failure ? failure : new IllegalStateException(cause));
            }
        }
    }

    private static int sizeOf(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? 0 : record.value().length;
    }

    private void closeInlet() {
        if (inlet != null) shared.inlets().remove(partition.partition(), inlet);
        inlet = null;
    }

    /** Whether edges announce all their records, so that nothing is fetched. */
    boolean areRecordsAnnounced() {
        return shardLoop != null && !fetching.isOn() && shardLoop.hasSpace();
    }

    /** Whether the shard runs and its records are being fetched. */
    boolean isFetching() {
        return fetching.isOn();
    }

    private void beginTakeover() {
        var task = new FutureTask<>(
                new Takeover(partition.partition(), shared.clients(), shared.outputProducer(), shared.streams(),
                        shared.reader(), shared.recentEdges(), shared.inFlightLimits(), shared.meters(),
                        shared.tracing())::run);
        takeover = task;
        Thread.ofVirtual().name("takeover-" + partition.partition()).start(task);
    }

    private void startShard(FutureTask<OwnedShard> done) {
        takeover = null;
        try {
            var owned = done.get();
            takeoverOffset = owned.nextOffset();
            var loop = ShardLoop.start(partition.partition(), owned, poisonDetector, shared.checks(),
                    shared.inFlightLimits());
            var newInlet = new Inlet<ConsumerRecord<byte[], byte[]>>(owned.nextOffset(), ConsumerRecord::offset,
                    PartitionSlot::sizeOf,
                    loop, System::nanoTime);
            shardLoop = loop;
            inlet = newInlet;
            fetching.forgetPosition(); // records that were read while there was no shard were dropped
            endOffset = UNKNOWN_OFFSET;
            fetching.start(newInlet.nextOffset());
            shared.inlets().add(partition.partition(), newInlet);
            stateSince = System.nanoTime();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) throw error;
            onFailure(e.getCause() instanceof Exception cause ? cause : e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void onFailure(Exception cause) {
        if (backoff.reason() == null) stateSince = System.nanoTime(); // a repeated failure keeps the time of the first
        if (cause instanceof PoisonException poison) {
            poisonDetector.add(poison);
            shared.meters().countBroken(RouterInvariant.FAILED_COMMAND);
        }
        if (cause instanceof CorruptStateException) shared.meters().countBroken(RouterInvariant.CORRUPT_STATE);
        backoff.onFailure(cause);
        shared.meters().countFailure();
    }

    /** Gives the shard up as soon as its takeover is finished. */
    private static void abandonWhenDone(FutureTask<OwnedShard> takeover) {
        Thread.ofVirtual().name("takeover-discarded").start(() -> {
            try {
                takeover.get().abandon();
            } catch (ExecutionException | CancellationException _) {
                // nothing was taken over
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
