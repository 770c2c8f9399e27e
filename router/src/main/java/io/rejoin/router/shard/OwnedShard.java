package io.rejoin.router.shard;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.router.checkpoint.CheckpointWriter;
import io.rejoin.router.checkpoint.StateTopic;
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
public final class OwnedShard {
    private static final Logger log = LoggerFactory.getLogger(OwnedShard.class);
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);
    /**
     * After a takeover, redeliveries that were due in this last period are sent: the previous owner may not have sent
     * them.
     */
    private static final Duration REDELIVERY_LOOKBACK = Duration.ofSeconds(10);
    /** A shard is given up if Kafka has not acknowledged its outputs within this time. */
    private static final Duration ACK_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(5);
    /** How often the shard's thread checks whether a running commit has failed. */
    private static final Duration COMMIT_CHECK_INTERVAL = Duration.ofMillis(50);

    /**
     * How long a checkpoint waits, at most, until edges have received the deliveries before its position. The next
     * owner starts at that position and does not send earlier deliveries. After a takeover, all members of an edge that
     * has not received them must join again.
     */
    private static final Duration MAX_EDGE_WAIT = Duration.ofSeconds(1);
    /**
     * How long the last checkpoint before a release waits for the same. The time is shorter, because the next owner
     * waits meanwhile. It still includes one report of every healthy edge, which reports four times a second.
     */
    private static final Duration MAX_EDGE_WAIT_AT_RELEASE = Duration.ofMillis(400);

    /**
     * The content of a checkpoint. Kafka must acknowledge {@code unackedOutputs} first. Edges should have received the
     * deliveries in {@code lastSent}.
     */
    private record PendingCheckpoint(StateCodec.Position position, List<StateEntry> changes,
            UnackedOutputs unackedOutputs, ShardPushes.LastSent lastSent, Duration maxEdgeWait, long begunAt) {}

    private final int partition;
    private final Shard shard;
    private final CommandProcessor processor;
    private final Emitter emitter;
    private final EdgeStreams streams;
    private final ShardPushes pushes;
    private final CheckpointWriter writer;
    private final OwnCommands ownCommands = new OwnCommands();
    private volatile long nextOffset;
    /** The log time up to which redeliveries were sent; 0 if none were yet. */
    private long redeliveredUpTo;
    private long begunCheckpointOffset;
    private long lastCheckpointAt = System.nanoTime();
    private volatile @Nullable Thread commitThread;
    private volatile @Nullable PoisonException poison;
    private volatile @Nullable Exception commitFailure;
    private volatile long checkpointOffset;
    /** When the oldest command that is in no checkpoint was processed, by the stopwatch. */
    private volatile long uncheckpointedSince = System.nanoTime();

    /** Starts to send deliveries to the edges. */
    OwnedShard(int partition, StateTopic.Restored restored, CommandReader reader, Emitter emitter, EdgeStreams streams,
            ShardPushes pushes, CheckpointWriter writer, Tracing tracing) {
        this.partition = partition;
        this.shard = restored.shard();
        this.processor = new CommandProcessor(partition, shard, reader, emitter, tracing);
        this.nextOffset = restored.nextOffset();
        this.begunCheckpointOffset = restored.nextOffset();
        this.checkpointOffset = restored.nextOffset();
        this.emitter = emitter;
        this.streams = streams;
        this.pushes = pushes;
        this.writer = writer;
        streams.add(pushes);
    }

    /** The offset of the next command record to process. Safe for any thread. */
    public long nextOffset() {
        return nextOffset;
    }

    /** The position in the last checkpoint. Safe for any thread. */
    public long checkpointOffset() {
        return checkpointOffset;
    }

    /** For how many nanoseconds the shard has held commands that are in no checkpoint. Safe for any thread. */
    public long uncheckpointedNanos() {
        return isCheckpointed() ? 0 : System.nanoTime() - uncheckpointedSince;
    }

    /** The incarnations of edges to watch; see {@link Shard#edges}. */
    Set<EdgeRef> edges() {
        return Set.copyOf(shard.edges());
    }

    /** The commands that this router has appended to the shard's log and not read back yet. */
    OwnCommands ownCommands() {
        ownCommands.removeRead(nextOffset);
        return ownCommands;
    }

    /** The version by whose rules the shard decides. Every router that may own the shard knows it. */
    int rules() {
        return shard.rules();
    }

    /**
     * Whether so many outputs are unacknowledged that the shard should take no more commands until Kafka has
     * acknowledged some. Safe for any thread.
     */
    boolean isFull() {
        return emitter.isFull();
    }

    /** Why the shard must be given up; null if there is no failure. */
    @Nullable
    Exception failure() {
        if (poison != null) return poison;
        var failure = emitter.failure();
        return failure == null ? commitFailure : failure;
    }

    /** Carries out the commands of these records, at least one, and emits the outputs. */
    void process(List<ConsumerRecord<byte[], byte[]>> records) {
        if (isCheckpointed()) uncheckpointedSince = System.nanoTime();
        try {
            processor.process(records);
            nextOffset = records.getLast().offset() + 1;
        } catch (PoisonException e) {
            // The state may be half changed. So the owner of this object gives the shard up: see failure(). The outputs
            // that were not sent are dropped, and the next owner produces them again.
            poison = e;
        }
    }

    /**
     * Carries out one record, command by command, to find out which of them makes the shard fail. If commands are
     * skipped, the caller must process nothing more until {@link #isCheckpointed}. Only a checkpoint makes the next
     * owner skip the same commands.
     *
     * @param skippedIndexes indexes of commands to skip; {@link PoisonException#UNKNOWN_INDEX} among them stands for
     *                       the whole record
     */
    void processOneByOne(ConsumerRecord<byte[], byte[]> record, Set<Integer> skippedIndexes) {
        if (isCheckpointed()) uncheckpointedSince = System.nanoTime();
        try {
            processor.processOneByOne(record, skippedIndexes);
            nextOffset = record.offset() + 1;
        } catch (PoisonException e) {
            poison = e;
        }
    }

    /** Whether the last checkpoint includes every command that was processed. Safe for any thread. */
    boolean isCheckpointed() {
        return checkpointOffset == nextOffset;
    }

    /**
     * Sends the redeliveries that are due by now. They are outside the log order, and do not change the state.
     *
     * @param now log time; nothing happens if it has not advanced
     * @return the expiries to append to the command log
     */
    List<Command.Expire> redeliverDue(RedeliverySchedule schedule, long now) {
        var from = redeliveredUpTo == 0 ? now - REDELIVERY_LOOKBACK.toMillis() : redeliveredUpTo;
        if (now <= from || isFull()) return List.of();
        redeliveredUpTo = now;
        var due = shard.due(schedule, from, now);
        emitter.redeliver(due.redeliveries());
        return due.expiries();
    }

    /** Commands for rooms that can be forgotten, to append to the command log. Each call checks some more rooms. */
    List<Command.Forget> forgettable(Duration after, long now) {
        return isFull() ? List.of() : shard.forgettable(after, now);
    }

    /** Informs an edge if it still uses an incarnation that this shard has given up: the edge cannot know yet. */
    void notifyIfGivenUp(EdgeRef edge) {
        if (shard.hasGivenUp(edge))
            emitter.sendGivenUp(edge, new Source(partition, Math.max(0, nextOffset - 1), Integer.MAX_VALUE));
    }

    /** Begins a checkpoint when one is due. The commit waits for its outputs concurrently. */
    void checkpointIfDue() {
        if (nextOffset == begunCheckpointOffset || isCommitting()) return;
        if (System.nanoTime() - lastCheckpointAt < CHECKPOINT_INTERVAL.toNanos()) return;
        beginCheckpoint(MAX_EDGE_WAIT);
    }

    /**
     * Releases the shard. If possible soon, all emitted outputs are acknowledged and a last checkpoint is committed.
     */
    void release() {
        try {
            if (failure() != null || !awaitCommit()) return;
            if (nextOffset != begunCheckpointOffset) beginCheckpoint(MAX_EDGE_WAIT_AT_RELEASE);
            if (!awaitCommit() || failure() != null) {
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
    public void abandon() {
        var thread = commitThread;
        if (thread != null) thread.interrupt();
        streams.remove(pushes);
        emitter.close();
        writer.close();
    }

    /** The time until a checkpoint needs attention. */
    Duration untilCheckpoint() {
        var remainingNanos = CHECKPOINT_INTERVAL.toNanos() - (System.nanoTime() - lastCheckpointAt);
        return Duration.ofNanos(Math.max(remainingNanos, COMMIT_CHECK_INTERVAL.toNanos()));
    }

    private boolean isCommitting() {
        var thread = commitThread;
        return thread != null && thread.isAlive();
    }

    /** Waits for a running commit; false on timeout. */
    private boolean awaitCommit() throws InterruptedException {
        var thread = commitThread;
        return thread == null || thread.join(RELEASE_TIMEOUT);
    }

    /** @param maxEdgeWait how long to wait for edges to report that they have received the deliveries */
    private void beginCheckpoint(Duration maxEdgeWait) {
        // the commit has just failed, so this checkpoint would lack the changes of that one
        if (commitFailure != null) return;
        lastCheckpointAt = System.nanoTime();
        begunCheckpointOffset = nextOffset;
        var checkpoint = new PendingCheckpoint(new StateCodec.Position(shard.rules(), nextOffset), shard.takeChanges(),
                emitter.takeUnackedOutputs(), pushes.lastSent(), maxEdgeWait, lastCheckpointAt);
        pushes.forgetAllBut(shard.lastDeliveries().stream().map(lastDelivery -> lastDelivery.edge().edge())
                .collect(Collectors.toSet()));
        commitThread = Thread.ofVirtual().name("checkpoint-" + partition).start(() -> commit(checkpoint));
    }

    private void commit(PendingCheckpoint checkpoint) {
        try {
            if (!checkpoint.unackedOutputs().await(ACK_TIMEOUT))
                throw new IllegalStateException("Kafka does not acknowledge the outputs of the shard");
            pushes.awaitReceived(checkpoint.lastSent(), checkpoint.maxEdgeWait());
            writer.commit(checkpoint.position(), checkpoint.changes().stream());
            uncheckpointedSince = checkpoint.begunAt();
            checkpointOffset = checkpoint.position().next();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // given up meanwhile
        } catch (RuntimeException e) {
            commitFailure = e;
        }
    }
}
