package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.core.Output;
import io.rejoin.router.core.Redelivery;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A shard that a router has taken over, as the router's own shell runs it: state, outputs, checkpoints. */
final class RunningShard {
    /** What a checkpoint holds; {@code outputs} have to be acknowledged first. */
    private record Frozen(int next, List<StateEntry> changes, Outbound.Generation outputs) {}

    private static final Duration FORGET_AFTER = Duration.ofDays(1);
    private static final Redelivery SCHEDULE = new Redelivery(Duration.ofSeconds(1));
    /** How far back a new owner says again what was due. */
    private static final Duration TAKEOVER = Duration.ofSeconds(10);

    private final int partition;
    private final Kafka kafka;
    private final Log<CommandRecord> commands;
    private final StateLog state;
    private final int producerEpoch;
    private final Shard shard;
    private final @Nullable Pushes pushes;
    private final Outbound outbound;
    private final Bug bug;
    private int next;
    private int checkpointed;
    private long reminded;
    private @Nullable Frozen committing;
    private boolean commitFailed;

    /** @param producerEpoch of the checkpoints' producer, which has fenced those before it */
    RunningShard(int partition, World world, List<Stream> streams, int producerEpoch) {
        this.partition = partition;
        this.kafka = world.kafka;
        this.commands = kafka.commands.get(partition);
        this.state = kafka.states.get(partition);
        this.producerEpoch = producerEpoch;
        this.bug = world.plan.bug();
        var restored = state.read();
        this.shard = restored.shard();
        this.pushes = world.plan.link() ? new Pushes(partition, kafka, shard, world.plan.backlog(), streams) : null;
        this.outbound = new Outbound(partition, kafka, pushes, bug);
        streams.forEach(this::begin);
        this.next = restored.next();
        this.checkpointed = next;
    }

    int next() {
        return next;
    }

    boolean hasFailed() {
        return commitFailed || outbound.hasFailed();
    }

    Collection<EdgeRef> edges() {
        return List.copyOf(shard.edges());
    }

    /** Takes the records of a poll; false when there are none. */
    boolean poll(int most) {
        if (next == commands.end()) return false;
        var outputs = new ArrayList<Output>();
        for (var n = 0; n < most && next < commands.end(); n++) {
            var record = commands.get(next);
            outputs.addAll(shard.take(next, record.ts(), record.batch()));
            next++;
        }
        outbound.emit(outputs);
        return true;
    }

    /**
     * Says again what is not confirmed, and in the command log what has expired; false when nothing is due.
     *
     * @param now the log's time
     */
    boolean remind(long now) {
        var from = reminded == 0 ? now - TAKEOVER.toMillis() : reminded;
        if (now <= from) return false;
        reminded = now;
        var due = shard.due(SCHEDULE, from, now);
        outbound.emit(due.redeliveries());
        for (var expiry : due.expiries()) kafka.appendCommands(partition, 1, List.of(expiry));
        return !due.redeliveries().isEmpty() || !due.expiries().isEmpty();
    }

    /** Says in the command log which rooms nobody used for long; false when there are none. */
    boolean forget(long now) {
        var rooms = shard.forgettable(FORGET_AFTER, now);
        if (!rooms.isEmpty()) kafka.appendCommands(partition, LogCodec.COMMANDS_VERSION, rooms);
        return !rooms.isEmpty();
    }

    /** A stream is there: it begins to bring what this shard says to its edge. */
    void begin(Stream stream) {
        if (pushes == null) return;
        pushes.begin(stream);
        tellIfGivenUp(stream);
    }

    /** An edge says how far it is, and under which incarnation it goes on. */
    void told(Stream stream) {
        if (pushes == null) return;
        pushes.reached(stream.edge());
        tellIfGivenUp(stream);
    }

    private void tellIfGivenUp(Stream stream) {
        var edge = stream.edge().ref();
        if (pushes != null && shard.hasGivenUp(edge))
            pushes.tellGivenUp(edge, new Source(partition, Math.max(0, next - 1), Integer.MAX_VALUE));
    }

    boolean flush(RandomGenerator random) {
        return outbound.flush(random);
    }

    boolean failToProduce(RandomGenerator random) {
        return outbound.fail(random);
    }

    /** Freezes what has changed; false when nothing has, or another checkpoint is on its way. */
    boolean beginCheckpoint() {
        if (next == checkpointed || committing != null) return false;
        checkpointed = next;
        committing = new Frozen(next, shard.takeChanges(), outbound.turn());
        return true;
    }

    /** Commits what was frozen; false when its outputs are not acknowledged yet. */
    boolean commitCheckpoint() {
        if (committing == null) return false;
        if (committing.outputs().open > 0 && bug != Bug.CHECKPOINT_AHEAD_OF_ACKNOWLEDGEMENTS) return false;
        if (!state.commit(producerEpoch, committing.next(), committing.changes())) commitFailed = true;
        committing = null;
        return true;
    }

    /** The commit is not answered in time; it may have been done all the same. */
    boolean failToCommit(RandomGenerator random) {
        if (committing == null || committing.outputs().open > 0) return false;
        if (random.nextBoolean()) commitCheckpoint();
        commitFailed = true;
        return true;
    }

    /** Hands the shard over in good order: all is acknowledged and checkpointed. */
    void release(RandomGenerator random) {
        while (!hasFailed() && outbound.flush(random)) {
            // until nothing is open
        }
        if (!hasFailed() && committing != null) commitCheckpoint();
        if (!hasFailed() && beginCheckpoint()) commitCheckpoint();
        abandon(random);
    }

    /** Gives the shard up at once. */
    void abandon(RandomGenerator random) {
        outbound.close(random);
    }
}
