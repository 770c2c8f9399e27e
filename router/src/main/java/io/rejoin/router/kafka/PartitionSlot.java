package io.rejoin.router.kafka;

import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlet;
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
 * TAKING OVER ──taken──► RUNNING ──produce or checkpoint failed──► WAITING ──backoff──► TAKING OVER
 *      └───────────────failed────────────────────────────────────►┘
 * </pre>
 */
final class PartitionSlot {
    private static final Logger log = LoggerFactory.getLogger(PartitionSlot.class);
    /** A shard has recovered once it has run for this long or has made a checkpoint. */
    private static final Duration OVERCOME = Duration.ofSeconds(3);
    private static final long UNKNOWN = -1;

    /** What all slots of a router share. */
    record Shared(Clients clients, OutputProducer outputs, EdgeStreams streams, Inlets inlets, CommandReader reader,
            AnnouncedEdges announced,
            ShardDuties duties,
            InFlight inFlight, RandomGenerator random, RouterMeters meters, Tracing tracing) {}

    private final TopicPartition partition;
    private final Shared shared;
    private final RetryBackoff backoff;
    private final PoisonDetector poisonDetector = new PoisonDetector();
    private @Nullable FutureTask<OwnedShard> takeover;
    private @Nullable ShardLoop running;
    /** Present while the shard runs. */
    private @Nullable Inlet<ConsumerRecord<byte[], byte[]>> inlet;
    private final Fetching fetching;
    /** The known end of the log. */
    private long end = UNKNOWN;
    private long takenAt;
    /** When the shard was assigned, began to run, or failed; by the stopwatch. */
    private long since = System.nanoTime();

    PartitionSlot(TopicPartition partition, Consumer<byte[], byte[]> consumer, Shared shared) {
        this.partition = partition;
        this.fetching = new Fetching(partition, consumer);
        this.shared = shared;
        this.backoff = new RetryBackoff(partition.partition(), shared.random());
    }

    void take(List<ConsumerRecord<byte[], byte[]>> records) {
        if (inlet == null) return;
        inlet.fetched(fetching.brought(records), records);
    }

    TopicPartition partition() {
        return partition;
    }

    /** The position in the last checkpoint, for tools that show lag; empty while the shard does not run. */
    Optional<OffsetAndMetadata> durable() {
        return Optional.ofNullable(running).map(loop -> new OffsetAndMetadata(loop.shard().durable()));
    }

    ShardStatus status() {
        var state = running != null
                ? ShardStatus.State.RUNNING
                : takeover != null ? ShardStatus.State.TAKING_OVER : ShardStatus.State.WAITING;
        return new ShardStatus(partition.partition(), state, since, backoff.reason(),
                running == null ? null : running.shard().next(),
                lag(),
                running == null ? null : running.shard().unsettled());
    }

    private @Nullable Long lag() {
        if (running == null || inlet == null) return null;
        end = Math.max(end, fetching.end().orElse(UNKNOWN));
        return end == UNKNOWN ? null : Math.max(0, Math.max(end, inlet.end()) - running.shard().next());
    }

    /** Does what is due, without blocking. A failure affects this shard alone; an {@link Error} ends the router. */
    void step() {
        if (running != null) watch(running);
        else if (takeover != null && takeover.isDone()) taken(takeover);
        else if (takeover == null && backoff.isWaitOver()) beginTakeover();
    }

    /** Fails this shard for a reason outside of it. */
    void fail(RuntimeException cause) {
        abandon();
        fetching.pause();
        failed(cause);
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
        if (running != null) running.beginRelease();
    }

    private void awaitRelease(long deadline) {
        try {
            if (running != null && !running.isReleased(deadline))
                log.atWarn().addKeyValue("partition", partition.partition())
                        .log("shard released without a final checkpoint: the next router repeats some commands");
            else
                running = null;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        abandon();
    }

    void abandon() {
        closeInlet();
        if (running != null) running.abandon();
        running = null;
        if (takeover != null) discard(takeover);
        takeover = null;
    }

    private void watch(ShardLoop loop) {
        switch (loop.failure()) {
            case null -> {
                if (loop.shard().durable() > takenAt || System.nanoTime() - since > OVERCOME.toNanos())
                    backoff.overcome();
                if (inlet != null && loop.hasRoom() && inlet.hasToFetch(fetching.isOn()))
                    fetching.begin(inlet.next());
                else
                    fetching.pause();
            }
            case Error error -> throw error;
            case Throwable cause -> {
                closeInlet();
                running = null; // the loop closes the shard itself
                fetching.pause();
                failed(cause instanceof Exception failure ? failure : new IllegalStateException(cause));
            }
        }
    }

    private static int bytes(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? 0 : record.value().length;
    }

    private void closeInlet() {
        if (inlet != null) shared.inlets().remove(partition.partition(), inlet);
        inlet = null;
    }

    /** Whether edges announce all their records, so that nothing is fetched. */
    boolean isAnnounced() {
        return running != null && !fetching.isOn() && running.hasRoom();
    }

    /** Whether the shard runs and its records are being fetched. */
    boolean isFetching() {
        return fetching.isOn();
    }

    private void beginTakeover() {
        var task = new FutureTask<>(
                new Takeover(partition.partition(), shared.clients(), shared.outputs(), shared.streams(),
                        shared.reader(),
                        shared.announced(), shared.inFlight(), shared.meters(), shared.tracing())::run);
        takeover = task;
        Thread.ofVirtual().name("takeover-" + partition.partition()).start(task);
    }

    private void taken(FutureTask<OwnedShard> done) {
        takeover = null;
        try {
            var owned = done.get();
            takenAt = owned.next();
            var loop = ShardLoop.start(partition.partition(), owned, poisonDetector, shared.duties(),
                    shared.inFlight());
            var opened = new Inlet<ConsumerRecord<byte[], byte[]>>(owned.next(), ConsumerRecord::offset,
                    PartitionSlot::bytes,
                    loop, System::nanoTime);
            running = loop;
            inlet = opened;
            fetching.forgetPosition(); // records that were read while there was no shard were dropped
            end = UNKNOWN;
            fetching.begin(opened.next());
            shared.inlets().add(partition.partition(), opened);
            since = System.nanoTime();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) throw error;
            failed(e.getCause() instanceof Exception cause ? cause : e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void failed(Exception cause) {
        if (backoff.reason() == null) since = System.nanoTime(); // a repeated failure keeps the time of the first
        if (cause instanceof PoisonException poison) {
            poisonDetector.add(poison);
            shared.meters().broken(RouterInvariant.FAILED_COMMAND);
        }
        if (cause instanceof CorruptStateException) shared.meters().broken(RouterInvariant.CORRUPT_STATE);
        backoff.add(cause);
        shared.meters().failed();
    }

    /** Gives the shard up as soon as its takeover is finished. */
    private static void discard(FutureTask<OwnedShard> takeover) {
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
