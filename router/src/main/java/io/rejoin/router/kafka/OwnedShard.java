package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.router.core.RedeliverySchedule;
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
 * A shard that this router owns: its state, its emitter and its checkpoints. Used only by the shard's own thread,
 * unless a method says that it is safe for any thread. The commit of a checkpoint runs concurrently.
 */
final class OwnedShard {
    private static final Logger log = LoggerFactory.getLogger(OwnedShard.class);
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);
    /**
     * After a takeover, redeliveries that were due in this last period are sent: the previous owner may not have sent
     * them.
     */
    private static final Duration TAKEOVER = Duration.ofSeconds(10);
    /** A shard is given up if Kafka has not acknowledged its outputs within this time. */
    private static final Duration ACKNOWLEDGED = Duration.ofMinutes(2);
    private static final Duration RELEASE = Duration.ofSeconds(5);
    /** How often the shard's thread checks whether a running commit has failed. */
    private static final Duration COMMITTING = Duration.ofMillis(50);

    /**
     * How long a checkpoint waits, at most, until edges have received the deliveries before its position. The next
     * owner starts at that position and does not send earlier deliveries. After a takeover, all members of an edge that
     * has not received them must join again.
     */
    private static final Duration EDGE_WAIT = Duration.ofSeconds(1);
    /**
     * How long the last checkpoint before a release waits for the same. The time is shorter, because the next owner
     * waits meanwhile. It still includes one report of every healthy edge, which reports four times a second.
     */
    private static final Duration REACHED_AT_RELEASE = Duration.ofMillis(400);

    /**
     * The content of a checkpoint. Kafka must acknowledge {@code outputs} first. Edges should have received the
     * deliveries in {@code said}.
     */
    private record PendingCheckpoint(StateCodec.Position position, List<StateEntry> changes, UnackedOutputs outputs,
            ShardPushes.LastSent said, Duration patience, long at) {}

    private final int partition;
    private final Shard shard;
    private final CommandProcessor processor;
    private final Emitter emitter;
    private final EdgeStreams streams;
    private final ShardPushes pushes;
    private final CheckpointWriter writer;
    private final OwnCommands ownCommands = new OwnCommands();
    private volatile long next;
    /** The log time up to which redeliveries were sent; 0 if none were yet. */
    private long redeliveredUpTo;
    private long checkpointed;
    private long lastCheckpoint = System.nanoTime();
    private volatile @Nullable Thread committing;
    private volatile @Nullable PoisonException broken;
    private volatile @Nullable Exception commitFailure;
    private volatile long durable;
    /** When the oldest command that is in no checkpoint was taken, by the stopwatch. */
    private volatile long unsettledSince = System.nanoTime();

    /** Starts to send deliveries to the edges. */
    OwnedShard(int partition, StateTopic.Restored restored, CommandReader reader, Emitter emitter, EdgeStreams streams,
            ShardPushes pushes, CheckpointWriter writer, Tracing tracing) {
        this.partition = partition;
        this.shard = restored.shard();
        this.processor = new CommandProcessor(partition, shard, reader, emitter, tracing);
        this.next = restored.next();
        this.checkpointed = restored.next();
        this.durable = restored.next();
        this.emitter = emitter;
        this.streams = streams;
        this.pushes = pushes;
        this.writer = writer;
        streams.add(pushes);
    }

    /** The offset of the next command to take. Safe for any thread. */
    long next() {
        return next;
    }

    /** The position in the last checkpoint. Safe for any thread. */
    long durable() {
        return durable;
    }

    /** For how many nanoseconds the shard has held commands that are in no checkpoint. Safe for any thread. */
    long unsettled() {
        return isSettled() ? 0 : System.nanoTime() - unsettledSince;
    }

    /** The incarnations of edges to watch; see {@link Shard#edges}. */
    Set<EdgeRef> edges() {
        return Set.copyOf(shard.edges());
    }

    /** The commands that this router has appended to the shard's log and not read back yet. */
    OwnCommands ownCommands() {
        ownCommands.read(next);
        return ownCommands;
    }

    /** The version by whose rules the shard decides. Every router that may own the shard knows it. */
    int rules() {
        return shard.rules();
    }

    /**
     * Whether so many outputs are unacknowledged that the shard should take no more commands for now. Safe for any
     * thread.
     */
    boolean isFull() {
        return emitter.isFull();
    }

    /** Why the shard must be given up; null if there is no failure. */
    @Nullable
    Exception failure() {
        if (broken != null) return broken;
        var failure = emitter.failure();
        return failure == null ? commitFailure : failure;
    }

    /** Carries out the commands of these records, at least one, and emits the outputs. */
    void take(List<ConsumerRecord<byte[], byte[]>> records) {
        if (isSettled()) unsettledSince = System.nanoTime();
        try {
            processor.take(records);
            next = records.getLast().offset() + 1;
        } catch (PoisonException e) {
            // The state may be half changed. So the owner of this object gives the shard up: see failure(). The outputs
            // that were not sent are dropped, and the next owner produces them again.
            broken = e;
        }
    }

    /**
     * Carries out one record, command by command, to find out which of them makes the shard fail. If commands are left
     * out, the caller must take nothing more until {@link #isSettled}. Only a checkpoint makes the next owner leave out
     * the same commands.
     *
     * @param leftOut indexes of commands to leave out; {@link PoisonException#UNKNOWN} among them stands for the whole
     *                record
     */
    void takeOneByOne(ConsumerRecord<byte[], byte[]> record, Set<Integer> leftOut) {
        if (isSettled()) unsettledSince = System.nanoTime();
        try {
            processor.takeOneByOne(record, leftOut);
            next = record.offset() + 1;
        } catch (PoisonException e) {
            broken = e;
        }
    }

    /** Whether the last checkpoint includes every command that was taken. Safe for any thread. */
    boolean isSettled() {
        return durable == next;
    }

    /**
     * Sends the redeliveries that are due by now. They are outside the log order, and do not change the state.
     *
     * @param now log time; nothing happens if it has not advanced
     * @return the expiries to append to the command log
     */
    List<Command.Expire> redeliverDue(RedeliverySchedule schedule, long now) {
        var from = redeliveredUpTo == 0 ? now - TAKEOVER.toMillis() : redeliveredUpTo;
        if (now <= from || isFull()) return List.of();
        redeliveredUpTo = now;
        var due = shard.due(schedule, from, now);
        emitter.redeliverDue(due.redeliveries());
        return due.expiries();
    }

    /** Commands for rooms that can be forgotten, to append to the command log. Each call checks some more rooms. */
    List<Command.Forget> forgettable(Duration after, long now) {
        return isFull() ? List.of() : shard.forgettable(after, now);
    }

    /** Informs an edge if it still uses an incarnation that this shard has given up: the edge cannot know yet. */
    void tellIfGivenUp(EdgeRef edge) {
        if (shard.hasGivenUp(edge))
            emitter.sendGivenUp(edge, new Source(partition, Math.max(0, next - 1), Integer.MAX_VALUE));
    }

    /** Begins a checkpoint when one is due. The commit waits for its outputs concurrently. */
    void checkpointIfDue() {
        if (next == checkpointed || isCommitting()) return;
        if (System.nanoTime() - lastCheckpoint < CHECKPOINT_INTERVAL.toNanos()) return;
        beginCheckpoint(EDGE_WAIT);
    }

    /**
     * Releases the shard. If possible soon, all emitted outputs are acknowledged and a last checkpoint is committed.
     */
    void release() {
        try {
            if (failure() != null || !commitEnded()) return;
            if (next != checkpointed) beginCheckpoint(REACHED_AT_RELEASE);
            if (!commitEnded() || failure() != null) {
                log.atInfo().addKeyValue("partition", partition)
                        .log("shard released without a final checkpoint: the next router repeats some commands");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            abandon();
        }
    }

    /**
     * Gives the shard up at once, because another router owns it or because it failed. Safe for any thread, and more
     * than once.
     */
    void abandon() {
        var commit = committing;
        if (commit != null) commit.interrupt();
        streams.remove(pushes);
        emitter.close();
        writer.close();
    }

    /** The time until a checkpoint needs attention. */
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

    /** @param patience how long to wait for edges to report that they have received the deliveries */
    private void beginCheckpoint(Duration patience) {
        // the commit has just failed, so this checkpoint would lack the changes of that one
        if (commitFailure != null) return;
        lastCheckpoint = System.nanoTime();
        checkpointed = next;
        var frozen = new PendingCheckpoint(new StateCodec.Position(shard.rules(), next), shard.takeChanges(),
                emitter.turn(),
                pushes.lastSent(), patience, lastCheckpoint);
        pushes.forgetAllBut(
                shard.lastDeliveries().stream().map(chain -> chain.edge().edge()).collect(Collectors.toSet()));
        committing = Thread.ofVirtual().name("checkpoint-" + partition).start(() -> commit(frozen));
    }

    private void commit(PendingCheckpoint frozen) {
        try {
            if (!frozen.outputs().await(ACKNOWLEDGED))
                throw new IllegalStateException("Kafka does not acknowledge the outputs of the shard");
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
