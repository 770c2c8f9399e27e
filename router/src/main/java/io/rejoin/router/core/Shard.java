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
 * The state machine of one partition of the command log. Its outputs depend on the commands alone, in their order and with
 * the times the log gave them: never on a clock, on chance, or on which router runs it. Confined to one thread.
 */
public final class Shard {
    private final int partition;
    private final ShardState state;
    private final Membership membership;
    private final Confirmations confirmations;
    private final Forgetting forgetting;

    /** A shard without a past. */
    public Shard(int partition) {
        this(partition, new ShardState());
    }

    private Shard(int partition, ShardState state) {
        this(partition, state, new Forgetting(state));
    }

    /** With another way to forget rooms. */
    Shard(int partition, ShardState state, Forgetting forgetting) {
        this.partition = partition;
        this.state = state;
        this.membership = new Membership(state);
        this.confirmations = new Confirmations(partition, state);
        this.forgetting = forgetting;
    }

    /** A shard as it was when the latest of its changes was taken, as {@link Past} makes it. */
    public static Shard restore(int partition, Stream<StateEntry> entries) {
        var past = new Past(partition);
        entries.forEachOrdered(past::add);
        return past.shard();
    }

    /**
     * What a shard was, entry by entry: those that its checkpoints wrote in their order, as far as compaction has left them, or
     * the latest of every key in any order. It takes no more memory than the shards that wrote them took.
     */
    public static final class Past {
        private final int partition;
        private final ShardState state = new ShardState();

        /** Nothing yet. */
        public Past(int partition) {
            this.partition = partition;
        }

        public void add(StateEntry entry) {
            state.restore(entry);
        }

        /**
         * The shard, once all has been added. Nothing can be added any more.
         *
         * @throws CorruptStateException if the entries do not belong together
         */
        public Shard shard() {
            state.restored();
            return new Shard(partition, state);
        }
    }

    /**
     * Carries out the commands of one record.
     *
     * @param offset of the record
     * @param ts     the time the log gave it, in milliseconds since the epoch
     * @return what follows, in order
     */
    public List<Output> take(long offset, long ts, CommandBatch record) {
        return take(offset, ts, record, 0);
    }

    /**
     * Carries out some commands of one record, after those that stand before them.
     *
     * @param followed how many outputs have followed from those
     * @return what follows, in order
     */
    public List<Output> take(long offset, long ts, CommandBatch record, int followed) {
        var outputs = new Outputs(partition, offset, followed);
        state.rules().shown(record.version(), ts);
        for (var command : record.commands()) {
            carryOut(command, offset, ts, outputs);
            state.settle();
        }
        if (state.rules().chaining()) chain(outputs.collected());
        return outputs.collected();
    }

    private void chain(List<Output> outputs) {
        for (var output : outputs) {
            if (output instanceof Output.Push(var source, var edge, _) && !state.lost().covers(edge))
                state.chains().sent(edge, source);
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
                membership.edgeLost(edge, incarnation, ts, outputs);
        }
    }

    /**
     * The shard begun anew, when commands were lost: without rooms, but with what depends on no room's numbers. Each room begins
     * a new epoch when it is heard of next. This one must not be used any more, but for what it was.
     */
    public Shard anew() {
        return new Shard(partition, state.anew());
    }

    /** All that is not in the shard {@link #anew}, as being no more. */
    public Stream<StateEntry> gone() {
        return state.gone();
    }

    /** The highest version that its log has shown: a router that does not know it must leave the shard alone. */
    public int rules() {
        return state.rules().version();
    }

    /** Whether that incarnation of an edge was given up: nothing it joins counts any more. */
    public boolean hasGivenUp(EdgeRef edge) {
        return state.lost().covers(edge);
    }

    /** The incarnations of edges that have a member here, or were sent something: whoever of them is silent must be given up. */
    public Collection<EdgeRef> edges() {
        if (!state.rules().chaining()) return state.edges();
        var all = new TreeSet<>(state.edges());
        state.chains().all().forEach(chain -> all.add(chain.edge()));
        return all;
    }

    /** How far each edge was sent what is for it, but for those that were given up. */
    public Collection<StateEntry.Chain> chains() {
        return List.copyOf(state.chains().all());
    }

    /**
     * What the time has come for between two moments, {@code from} not included. Changes nothing.
     *
     * @param from log time, as {@code to}, in milliseconds since the epoch
     */
    public Due due(Redelivery schedule, long from, long to) {
        return confirmations.due(schedule, from, to);
    }

    /**
     * Looks at some of the rooms that nobody is in, each time at others. Changes nothing.
     *
     * @param after how long nothing must have happened in a room
     * @param now   log time, in milliseconds since the epoch
     * @return what is to be said in the log of those that can be forgotten, in a record of the version of its {@link #rules}
     */
    public List<Command.Forget> forgettable(Duration after, long now) {
        return forgetting.due(after, now);
    }

    /** What has changed since this was last asked; the latest of every key is all there is to know. */
    public List<StateEntry> takeChanges() {
        return state.takeChanges();
    }

    private void post(Command.Post post, long offset, long ts, Outputs outputs) {
        var id = post.id();
        var before = id == null ? null : state.window().find(post.room(), post.user(), id);
        if (before != null) {
            outputs.push(post.edge(), again(post, before));
            return;
        }
        var recipients = confirmations.recipients(post);
        if (recipients.size() > Command.MAX_RECIPIENTS) {
            if (id != null) remember(post, id, 0, ts);
            outputs.push(post.edge(), refused(post, Delivery.Refusal.TOO_MANY_RECIPIENTS));
            return;
        }
        var room = state.room(post.room(), ts);
        var seq = state.nextSeq(room, ts);
        outputs.fact(new Event.MessagePosted(post.room(), room.epoch(), seq, post.user(), id, post.content(), ts));
        outputs.pushAll(room.edges(), new Delivery.Message(post.room(), room.epoch(), seq, post.user(), id,
                post.content(), ts));
        if (id != null) {
            remember(post, id, seq, ts);
            outputs.push(post.edge(), new Delivery.Acked(post.room(), post.connection(), id, seq, ts, false));
        }
        confirmations.await(post, recipients, offset, seq, ts, outputs);
    }

    private void remember(Command.Post post, String id, long seq, long ts) {
        state.window().add(new StateEntry.Post(post.room(), post.user(), id, seq, ts,
                Objects.requireNonNullElse(post.digest(), ContentDigest.NONE)));
    }

    /**
     * What was decided once stays so: a copy of a post that was refused is refused, whoever is in the room by now. What says
     * something else under the same id is no copy; to ack it as one would lose it.
     */
    private static Delivery again(Command.Post post, StateEntry.Post before) {
        if (before.conflictsWith(post)) return refused(post, Delivery.Refusal.ID_CONFLICT);
        return before.isRefused()
                ? refused(post, Delivery.Refusal.TOO_MANY_RECIPIENTS)
                : new Delivery.Acked(post.room(), post.connection(), before.id(), before.seq(), before.ts(), true);
    }

    private static Delivery refused(Command.Post post, Delivery.Refusal reason) {
        return new Delivery.Refused(post.room(), post.connection(), post.id(), reason);
    }
}
