package io.rejoin.router.core;

import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The state machine of one partition of the command log. Its outputs depend only on the commands, their order and their
 * log times. They do not depend on a clock, on randomness, or on the router that runs the shard. Confined to one
 * thread.
 */
public final class Shard {
    private final int partition;
    private final ShardState state;
    private final MembershipCommands membership;
    private final Confirmations confirmations;
    private final Forgetting forgetting;

    /** Creates a shard with no earlier state. */
    public Shard(int partition) {
        this(partition, new ShardState());
    }

    private Shard(int partition, ShardState state) {
        this(partition, state, new Forgetting(state));
    }

    /** For tests: creates a shard with another {@link Forgetting}. */
    Shard(int partition, ShardState state, Forgetting forgetting) {
        this.partition = partition;
        this.state = state;
        this.membership = new MembershipCommands(state);
        this.confirmations = new Confirmations(partition, state);
        this.forgetting = forgetting;
    }

    /** Restores a shard to the state at its last checkpoint. See {@link Restorer} for the order of the entries. */
    public static Shard restore(int partition, Stream<StateEntry> entries) {
        var restorer = new Restorer(partition);
        entries.forEachOrdered(restorer::add);
        return restorer.shard();
    }

    /**
     * Rebuilds a shard from its state entries. The entries may come in checkpoint order, with gaps left by compaction.
     * They may also be only the latest entry of each key, in any order. Rebuilding takes no more memory than the shard
     * itself.
     */
    public static final class Restorer {
        private final int partition;
        private final ShardState state = new ShardState();

        /** Starts with no entries. */
        public Restorer(int partition) {
            this.partition = partition;
        }

        public void add(StateEntry entry) {
            state.restore(entry);
        }

        /**
         * Returns the restored shard. Call it once, after the last {@link #add}; add no entry after that.
         *
         * @throws CorruptStateException if a room has members or cursors but no entry of its own
         */
        public Shard shard() {
            state.checkRestored();
            return new Shard(partition, state);
        }
    }

    /**
     * Carries out the commands of one record.
     *
     * @param offset of the record
     * @param ts     log time of the record, in milliseconds since the epoch
     * @return the outputs, in order
     */
    public List<Output> apply(long offset, long ts, CommandBatch record) {
        return apply(offset, ts, record, 0);
    }

    /**
     * Carries out some of the commands of one record. The caller has already passed the earlier commands of the same
     * record.
     *
     * @param firstIndex number of outputs of the earlier commands of this record; the index of the first new output
     * @return the outputs, in order
     */
    public List<Output> apply(long offset, long ts, CommandBatch record, int firstIndex) {
        var outputs = new Outputs(partition, offset, firstIndex);
        state.rules().onRecord(record.version(), ts);
        for (var command : record.commands()) {
            carryOut(command, offset, ts, outputs);
            state.endCommand();
        }
        if (state.rules().tracksDeliveries()) recordLastDeliveries(outputs.collected());
        return outputs.collected();
    }

    private void recordLastDeliveries(List<Output> outputs) {
        for (var output : outputs) {
            if (output instanceof Output.Push(var source, var edge, _) && !state.lostEdges().contains(edge))
                state.lastDeliveries().record(edge, source);
        }
    }

    private void carryOut(Command command, long offset, long ts, Outputs outputs) {
        switch (command) {
            case Command.Join join -> membership.join(join, ts, outputs);
            case Command.Leave leave -> membership.leave(leave, ts, outputs);
            case Command.Post post -> post(post, offset, ts, outputs);
            case Command.Acknowledge ack -> confirmations.acknowledge(ack, ts, outputs);
            case Command.Expire expire -> confirmations.expire(expire, ts, outputs);
            case Command.Forget forget -> forgetting.forget(forget, ts);
            case Command.ListMembers list -> membership.list(list, outputs);
            case Command.EdgeLost(var edge, var incarnation) ->
                membership.onEdgeLost(edge, incarnation, ts, outputs);
        }
    }

    /**
     * Returns a new shard that replaces this one after commands were lost. It has no rooms; it keeps only state that
     * does not depend on a room's seq or version. A room that is used again begins a new epoch. Both shards then share
     * some state. So after this call, only read this shard, with {@link #edges} and {@link #deletions}.
     */
    public Shard emptySuccessor() {
        return new Shard(partition, state.emptySuccessor());
    }

    /** The deletion of every entry that the shard from {@link #emptySuccessor} no longer has. */
    public Stream<StateEntry> deletions() {
        return state.deletions();
    }

    /**
     * The highest record version in the shard's log so far. A router that does not know this version must not run the
     * shard.
     */
    public int rules() {
        return state.rules().version();
    }

    /** Whether this incarnation of an edge was given up. The shard then ignores its joins and leaves. */
    public boolean hasGivenUp(EdgeRef edge) {
        return state.lostEdges().contains(edge);
    }

    /**
     * The incarnations of edges that have a member in this shard or were sent a delivery. The shard must give up each
     * of them that falls silent.
     */
    public Collection<EdgeRef> edges() {
        if (!state.rules().tracksDeliveries()) return state.edges();
        var all = new TreeSet<>(state.edges());
        state.lastDeliveries().all().forEach(lastDelivery -> all.add(lastDelivery.edge()));
        return all;
    }

    /** The last delivery to each edge, except for edges that were given up. */
    public Collection<StateEntry.LastDelivery> lastDeliveries() {
        return List.copyOf(state.lastDeliveries().all());
    }

    /**
     * The redeliveries and expiries that fall due after {@code from} and up to {@code to}. Does not change the shard.
     *
     * @param from log time, as {@code to}, in milliseconds since the epoch
     */
    public Due due(RedeliverySchedule schedule, long from, long to) {
        return confirmations.due(schedule, from, to);
    }

    /**
     * Checks some of the empty rooms; each call continues where the last one stopped. Does not change the shard.
     *
     * @param after how long a room must have been unused
     * @param now   log time, in milliseconds since the epoch
     * @return commands for the rooms that can be forgotten; append them in a record of version {@link #rules}
     */
    public List<Command.Forget> forgettable(Duration after, long now) {
        return forgetting.findForgettable(after, now);
    }

    /** The entries that changed since the last call. The latest entry of every key is the whole state. */
    public List<StateEntry> takeChanges() {
        return state.takeChanges();
    }

    private void post(Command.Post post, long offset, long ts, Outputs outputs) {
        var id = post.id();
        var earlier = id == null ? null : state.window().find(post.room(), post.user(), id);
        if (earlier != null) {
            outputs.push(post.edge(), duplicateAnswer(post, earlier));
            return;
        }
        var recipients = confirmations.recipients(post);
        if (recipients.size() > Command.MAX_RECIPIENTS) {
            if (id != null) remember(post, id, 0, ts);
            outputs.push(post.edge(), refusal(post, Delivery.Refusal.TOO_MANY_RECIPIENTS));
            return;
        }
        var room = state.findOrCreate(post.room(), ts);
        var seq = state.nextSeq(room, ts);
        outputs.addFact(new Event.MessagePosted(post.room(), room.epoch(), seq, post.user(), id, post.content(), ts));
        outputs.pushAll(room.edges(), new Delivery.Message(post.room(), room.epoch(), seq, post.user(), id,
                post.content(), ts));
        if (id != null) {
            remember(post, id, seq, ts);
            outputs.push(post.edge(), new Delivery.Acked(post.room(), post.connection(), id, seq, ts, false));
        }
        confirmations.addPending(post, recipients, offset, seq, ts, outputs);
    }

    private void remember(Command.Post post, String id, long seq, long ts) {
        state.window().add(new StateEntry.Post(post.room(), post.user(), id, seq, ts,
                Objects.requireNonNullElse(post.digest(), ContentDigest.NONE)));
    }

    /**
     * The answer to a repeated post. The first decision stands: a copy of a refused post is refused again, whoever is
     * in the room now. A post with other content under the same id is not a copy, so an ack would lose its content.
     */
    private static Delivery duplicateAnswer(Command.Post post, StateEntry.Post earlier) {
        if (earlier.conflictsWith(post)) return refusal(post, Delivery.Refusal.ID_CONFLICT);
        return earlier.isRefused()
                ? refusal(post, Delivery.Refusal.TOO_MANY_RECIPIENTS)
                : new Delivery.Acked(post.room(), post.connection(), earlier.id(), earlier.seq(), earlier.ts(), true);
    }

    private static Delivery refusal(Command.Post post, Delivery.Refusal reason) {
        return new Delivery.Refused(post.room(), post.connection(), post.id(), reason);
    }
}
