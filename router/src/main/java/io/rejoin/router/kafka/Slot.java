package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.router.core.Redelivery;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 * An assigned partition and its shard: being taken over, running, or failed and about to be taken over again. Used by the
 * command loop's thread alone.
 *
 * <pre>
 * TAKING OVER ──taken──► RUNNING ──produce or checkpoint failed──► WAITING ──backoff──► TAKING OVER
 *      └───────────────failed────────────────────────────────────►┘
 * </pre>
 */
final class Slot {
    private static final Logger log = LoggerFactory.getLogger(Slot.class);
    /** A shard that runs for this long, or has made a checkpoint, has overcome what was before. */
    private static final Duration OVERCOME = Duration.ofSeconds(3);

    private final TopicPartition partition;
    private final Consumer<byte[], byte[]> consumer;
    private final Clients clients;
    private final CommandReader reader;
    private final AnnouncedEdges announced;
    private final Setbacks setbacks;
    private @Nullable FutureTask<OwnedShard> takeover;
    private @Nullable OwnedShard shard;
    private final Suspects suspects = new Suspects();
    private boolean settling;
    private long takenAt;
    /** When it was assigned, began to run, or failed: by the stopwatch. */
    private long since = System.nanoTime();

    Slot(TopicPartition partition, Consumer<byte[], byte[]> consumer, Clients clients, CommandReader reader,
            AnnouncedEdges announced, RandomGenerator random) {
        this.partition = partition;
        this.consumer = consumer;
        this.clients = clients;
        this.reader = reader;
        this.announced = announced;
        this.setbacks = new Setbacks(partition.partition(), random);
    }

    void take(List<ConsumerRecord<byte[], byte[]>> records) {
        if (shard == null) return;
        if (!suspects.mayFollow(shard.next())) {
            if (shard.failure() == null) shard.take(records);
            return;
        }
        for (var record : records) {
            if (shard.failure() != null) return;
            var proven = suspects.proven(record.offset());
            shard.takeOneByOne(record, proven);
            if (!proven.isEmpty()) {
                settle(shard);
                return;
            }
        }
    }

    /** What came with it is read again, once that is in a checkpoint. */
    private void settle(OwnedShard running) {
        if (running.failure() != null) return;
        settling = true;
        consumer.seek(partition, running.next());
        consumer.pause(Set.of(partition));
    }

    /** Delivers again what is due; gives back the expiries to be said. */
    List<Command.Expire> remind(Redelivery schedule, long now) {
        try {
            return shard == null || shard.failure() != null ? List.of() : shard.remind(schedule, now);
        } catch (RuntimeException e) {
            fail(e);
            return List.of();
        }
    }

    /** Some of the rooms that can be forgotten. */
    List<Command.Forget> forgettable(Duration after, long now) {
        return shard == null || shard.failure() != null ? List.of() : shard.forgettable(after, now);
    }

    Set<EdgeRef> edges() {
        return shard == null ? Set.of() : shard.edges();
    }

    TopicPartition partition() {
        return partition;
    }

    /** What the last checkpoint holds, for those who measure lag; nothing while it is not known. */
    Optional<OffsetAndMetadata> durable() {
        return Optional.ofNullable(shard).map(owned -> new OffsetAndMetadata(owned.durable()));
    }

    ShardStatus status() {
        var state = shard != null
                ? ShardStatus.State.RUNNING
                : takeover != null ? ShardStatus.State.TAKING_OVER : ShardStatus.State.WAITING;
        var lag = consumer.currentLag(partition);
        return new ShardStatus(partition.partition(), state, since, setbacks.reason(),
                shard == null ? null : shard.next(), lag.isPresent() && shard != null ? lag.getAsLong() : null);
    }

    /** Does what is due. A failure is this shard's alone; an {@link Error} is everybody's. */
    void step() {
        try {
            advance();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void advance() {
        if (shard != null) run(shard);
        else if (takeover != null && takeover.isDone()) taken(takeover);
        else if (takeover == null && setbacks.isWaitOver()) beginTakeover();
    }

    /** Fails alone, for a reason outside of it. */
    void fail(RuntimeException cause) {
        abandon();
        consumer.pause(Set.of(partition));
        failed(cause);
    }

    /** Hands over in good order. */
    void release() {
        try {
            if (shard != null) shard.release();
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("partition", partition.partition()).setCause(e)
                    .log("shard left without a last checkpoint: the next owner repeats");
        }
        shard = null;
        abandon();
    }

    void abandon() {
        if (shard != null) abandon(shard);
        shard = null;
        if (takeover != null) discard(takeover);
        takeover = null;
    }

    private void abandon(OwnedShard given) {
        try {
            given.abandon();
        } catch (RuntimeException e) { // a client that does not close: nothing is sent by it any more
            log.atWarn().addKeyValue("partition", partition.partition()).setCause(e)
                    .log("a given up shard leaves something");
        }
    }

    private void run(OwnedShard running) {
        var failure = running.failure();
        if (failure != null) {
            abandon();
            consumer.pause(Set.of(partition));
            failed(failure);
            return;
        }
        running.checkpointIfDue();
        if (running.durable() > takenAt || System.nanoTime() - since > OVERCOME.toNanos()) setbacks.overcome();
        if (running.isSettled()) settling = false;
        if (settling || running.isFull()) consumer.pause(Set.of(partition));
        else
            consumer.resume(Set.of(partition));
    }

    private void beginTakeover() {
        var task = new FutureTask<>(new Takeover(partition.partition(), clients, reader, announced)::run);
        takeover = task;
        Thread.ofVirtual().name("takeover-" + partition.partition()).start(task);
    }

    private void taken(FutureTask<OwnedShard> done) {
        takeover = null;
        try {
            var owned = done.get();
            consumer.seek(partition, owned.next());
            consumer.resume(Set.of(partition));
            takenAt = owned.next();
            settling = false;
            shard = owned;
            since = System.nanoTime();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) throw error;
            failed(e.getCause() instanceof Exception cause ? cause : e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void failed(Exception cause) {
        if (setbacks.reason() == null) since = System.nanoTime(); // else it was in trouble before
        if (cause instanceof PoisonException poison) suspects.add(poison);
        setbacks.add(cause);
    }

    /** What is still being taken over is given up as soon as it is there. */
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
