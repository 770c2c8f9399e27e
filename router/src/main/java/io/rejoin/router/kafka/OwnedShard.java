package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.router.core.Redelivery;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard this router has taken over: its state, its emitter and its checkpoints. Used by the shard's own thread alone; only
 * the commit of a checkpoint runs beside it. What others may ask, and that it is given up, is said where it is so.
 */
final class OwnedShard {
    private static final Logger log = LoggerFactory.getLogger(OwnedShard.class);
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);
    /** How far back a new owner delivers again what was due: the one before may not have come to it. */
    private static final Duration TAKEOVER = Duration.ofSeconds(10);
    /** A shard whose outputs are not acknowledged in this time is given up. */
    private static final Duration ACKNOWLEDGED = Duration.ofMinutes(2);
    private static final Duration RELEASE = Duration.ofSeconds(5);
    /** How often it is looked whether a checkpoint that is being committed failed. */
    private static final Duration COMMITTING = Duration.ofMillis(50);

    /** How long a checkpoint waits for edges to have what it goes beyond: those that do not would join again after a takeover. */
    private static final Duration REACHED = Duration.ofSeconds(1);
    /** The same where the next owner waits for the shard: an edge says four times a second how far it is. */
    private static final Duration REACHED_AT_RELEASE = Duration.ofMillis(400);

    /** What a checkpoint holds; {@code outputs} have to be acknowledged first, and edges should have what was {@code said}. */
    private record Frozen(StateCodec.Position position, List<StateEntry> changes, Generation outputs,
            ShardPushes.Said said, Duration patience, long at) {}

    private final int partition;
    private final Shard shard;
    private final Intake intake;
    private final Emitter emitter;
    private final EdgeStreams streams;
    private final ShardPushes pushes;
    private final CheckpointWriter writer;
    private final OwnCommands ownCommands = new OwnCommands();
    private volatile long next;
    /** Up to when, by the log's time, what was due was delivered again; 0 if nothing was yet. */
    private long reminded;
    private long checkpointed;
    private long lastCheckpoint = System.nanoTime();
    private volatile @Nullable Thread committing;
    private volatile @Nullable PoisonException broken;
    private volatile @Nullable Exception commitFailure;
    private volatile long durable;
    /** When what is in no checkpoint began to be taken, by the stopwatch. */
    private volatile long unsettledSince = System.nanoTime();

    /** From here on it speaks to the edges. */
    OwnedShard(int partition, StateTopic.Restored restored, CommandReader reader, Emitter emitter, EdgeStreams streams,
            ShardPushes pushes, CheckpointWriter writer, Tracing tracing) {
        this.partition = partition;
        this.shard = restored.shard();
        this.intake = new Intake(partition, shard, reader, emitter, tracing);
        this.next = restored.next();
        this.checkpointed = restored.next();
        this.durable = restored.next();
        this.emitter = emitter;
        this.streams = streams;
        this.pushes = pushes;
        this.writer = writer;
        streams.add(pushes);
    }

    /** Offset of the next command to take. Safe for any thread. */
    long next() {
        return next;
    }

    /** The position that the last checkpoint holds. Safe for any thread. */
    long durable() {
        return durable;
    }

    /** For how many nanoseconds it has held what is in no checkpoint. Safe for any thread. */
    long unsettled() {
        return isSettled() ? 0 : System.nanoTime() - unsettledSince;
    }

    /** The incarnations of edges with a member here. */
    Set<EdgeRef> edges() {
        return Set.copyOf(shard.edges());
    }

    /** What was said in its command log and not taken yet. */
    OwnCommands ownCommands() {
        ownCommands.read(next);
        return ownCommands;
    }

    /** The version by whose rules it decides: all routers know it which may have the shard. */
    int rules() {
        return shard.rules();
    }

    /** Whether so much is on its way that it should take no more for now. Safe for any thread. */
    boolean isFull() {
        return emitter.isFull();
    }

    /** Why the shard has to be given up; null while it has not. */
    @Nullable
    Exception failure() {
        if (broken != null) return broken;
        var failure = emitter.failure();
        return failure == null ? commitFailure : failure;
    }

    /** Carries out the commands of these records, at least one, and emits what follows. */
    void take(List<ConsumerRecord<byte[], byte[]>> records) {
        if (isSettled()) unsettledSince = System.nanoTime();
        try {
            intake.take(records);
            next = records.getLast().offset() + 1;
        } catch (PoisonException e) { // the state may be half changed: it is given up, and with it all that was not sent
            broken = e;
        }
    }

    /**
     * The same for one record, command by command, so that it shows which of them makes the shard fail. When some are left
     * out, only what is checkpointed keeps the next owner from deciding otherwise: until {@link #isSettled} nothing more may
     * be taken.
     *
     * @param leftOut their indexes; {@link PoisonException#UNKNOWN} among them stands for the whole record
     */
    void takeOneByOne(ConsumerRecord<byte[], byte[]> record, Set<Integer> leftOut) {
        if (isSettled()) unsettledSince = System.nanoTime();
        try {
            intake.takeOneByOne(record, leftOut);
            next = record.offset() + 1;
        } catch (PoisonException e) {
            broken = e;
        }
    }

    /** Whether all that was taken is in a checkpoint. Safe for any thread. */
    boolean isSettled() {
        return durable == next;
    }

    /**
     * Delivers again what is due by now: emission beside the order of the log, not state.
     *
     * @param now the log's time; nothing is done while it has not gone on
     * @return the expiries that are to be said in the command log
     */
    List<Command.Expire> remind(Redelivery schedule, long now) {
        var from = reminded == 0 ? now - TAKEOVER.toMillis() : reminded;
        if (now <= from || isFull()) return List.of();
        reminded = now;
        var due = shard.due(schedule, from, now);
        emitter.remind(due.redeliveries());
        return due.expiries();
    }

    /** Rooms of which is to be said in the command log that nobody used them for long; each time some more are looked at. */
    List<Command.Forget> forgettable(Duration after, long now) {
        return isFull() ? List.of() : shard.forgettable(after, now);
    }

    /** Tells an edge that goes on under an incarnation which was given up here: it cannot have heard of that. */
    void tellIfGivenUp(EdgeRef edge) {
        if (shard.hasGivenUp(edge))
            emitter.tellGivenUp(edge, new Source(partition, Math.max(0, next - 1), Integer.MAX_VALUE));
    }

    /** Begins a checkpoint when one is due; its outputs are awaited beside. */
    void checkpointIfDue() {
        if (next == checkpointed || isCommitting()) return;
        if (System.nanoTime() - lastCheckpoint < CHECKPOINT_INTERVAL.toNanos()) return;
        beginCheckpoint(REACHED);
    }

    /** Hands the shard over in good order: what was emitted is acknowledged and checkpointed, if that is possible soon. */
    void release() {
        try {
            if (failure() != null || !commitEnded()) return;
            if (next != checkpointed) beginCheckpoint(REACHED_AT_RELEASE);
            if (!commitEnded() || failure() != null) {
                log.atInfo().addKeyValue("partition", partition)
                        .log("shard left without a last checkpoint: the next owner repeats");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            abandon();
        }
    }

    /** Gives the shard up at once: somebody else has it, or it failed. Safe for any thread, and more than once. */
    void abandon() {
        var commit = committing;
        if (commit != null) commit.interrupt();
        streams.remove(pushes);
        emitter.close();
        writer.close();
    }

    /** How long nothing has to be done for a checkpoint. */
    Duration untilCheckpoint() {
        var left = CHECKPOINT_INTERVAL.toNanos() - (System.nanoTime() - lastCheckpoint);
        return Duration.ofNanos(Math.max(left, COMMITTING.toNanos()));
    }

    private boolean isCommitting() {
        var commit = committing;
        return commit != null && commit.isAlive();
    }

    private boolean commitEnded() throws InterruptedException {
        var commit = committing;
        return commit == null || commit.join(RELEASE);
    }

    /** @param patience with edges that do not say that they have what it goes beyond */
    private void beginCheckpoint(Duration patience) {
        if (commitFailure != null) return; // it ended just now, and what it should have committed is missing here
        lastCheckpoint = System.nanoTime();
        checkpointed = next;
        var frozen = new Frozen(new StateCodec.Position(shard.rules(), next), shard.takeChanges(), emitter.turn(),
                pushes.said(), patience, lastCheckpoint);
        pushes.forgetAllBut(shard.chains().stream().map(chain -> chain.edge().edge()).collect(Collectors.toSet()));
        committing = Thread.ofVirtual().name("checkpoint-" + partition).start(() -> commit(frozen));
    }

    private void commit(Frozen frozen) {
        try {
            if (!frozen.outputs().await(ACKNOWLEDGED)) throw new IllegalStateException("outputs are not acknowledged");
            pushes.awaitReached(frozen.said(), frozen.patience());
            writer.commit(frozen.position(), frozen.changes().stream());
            unsettledSince = frozen.at();
            durable = frozen.position().next();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // given up meanwhile
        } catch (RuntimeException e) {
            commitFailure = e;
        }
    }
}
