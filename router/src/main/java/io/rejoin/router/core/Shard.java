package io.rejoin.router.core;

import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
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
import org.jspecify.annotations.Nullable;

/**
 * The state machine of one partition of the command log. Its outputs depend on the commands alone, in their order and with
 * the times the log gave them: never on a clock, on chance, or on which router runs it. Confined to one thread.
 */
public final class Shard {
    private final int partition;
    private final ShardState state;
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
        var outputs = new Outputs(partition, offset);
        state.rules().shown(record.version(), ts);
        for (var command : record.commands()) {
            carryOut(command, offset, ts, outputs);
            state.settle();
        }
        return outputs.collected();
    }

    private void carryOut(Command command, long offset, long ts, Outputs outputs) {
        switch (command) {
            case Command.Join join -> join(join, ts, outputs);
            case Command.Leave leave -> leave(leave, ts, outputs);
            case Command.Post post -> post(post, offset, ts, outputs);
            case Command.Acknowledge ack -> confirmations.acknowledge(ack, ts, outputs);
            case Command.Expire expire -> confirmations.expire(expire, ts, outputs);
            case Command.Forget forget -> forgetting.forget(forget, ts);
            case Command.ListMembers list -> list(list, outputs);
            case Command.EdgeLost(var edge, var incarnation) -> edgeLost(edge, incarnation, ts, outputs);
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

    /** The incarnations of edges that have a member here. */
    public Collection<EdgeRef> edges() {
        return state.edges();
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
     * @return what is to be said in the log of those that can be forgotten, in a record of the latest version
     */
    public List<Command.Forget> forgettable(Duration after, long now) {
        return forgetting.due(after, now);
    }

    /** What has changed since this was last asked; the latest of every key is all there is to know. */
    public List<StateEntry> takeChanges() {
        return state.takeChanges();
    }

    private void join(Command.Join join, long ts, Outputs outputs) {
        if (state.lost().covers(join.edge())) {
            outputs.push(join.edge(), new Delivery.GivenUp(join.edge().incarnation()));
            return;
        }
        var id = join.room();
        var room = state.room(id, ts);
        var isFirst = !room.has(join.user());
        state.put(room, join.connection(), new Member(join.user(), join.edge()));
        var version = isFirst ? state.nextVersion(room, ts) : room.version();
        outputs.push(join.edge(), new Delivery.Joined(id, join.connection(), join.request(), room.epoch(), room.seq(),
                room.list(Delivery.MAX_LISTED), room.count(), version, cursor(room, join.user()),
                state.rules().emptySince()));
        if (!isFirst) return;
        outputs.fact(new Event.MemberJoined(id, room.epoch(), join.user(), room.count(), version, ts));
        present(id, room, Delivery.Action.JOIN, join.user(), version, outputs);
    }

    private static @Nullable Long cursor(Room room, UserId user) {
        var cursor = room.cursor(user);
        return cursor == 0 ? null : cursor;
    }

    /** Tells who is in the room of a coming or going. In a personal room that would tell a user of itself. */
    private static void present(RoomId id, Room room, Delivery.Action action, UserId user, long version,
            Outputs outputs) {
        if (id.isPersonal()) return;
        outputs.pushAll(room.edges(), new Delivery.Presence(id, action, user, room.count(), version));
    }

    private void leave(Command.Leave leave, long ts, Outputs outputs) {
        var room = state.find(leave.room());
        if (room == null || state.lost().covers(leave.edge())) return;
        var member = state.remove(room, leave.connection());
        if (member != null && !room.has(member.user())) left(room, member.user(), ts, outputs);
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

    private void list(Command.ListMembers list, Outputs outputs) {
        var room = state.find(list.room());
        outputs.push(list.edge(), room == null
                ? new Delivery.MemberList(list.room(), list.connection(), list.request(), List.of(), 0, 0)
                : new Delivery.MemberList(list.room(), list.connection(), list.request(),
                        room.list(Delivery.MAX_LISTED), room.count(), room.version()));
    }

    /** The members of the edge leave all rooms; each incarnation that had one is told, should it still live. */
    private void edgeLost(String edge, long incarnation, long ts, Outputs outputs) {
        state.lost().add(edge, incarnation, ts);
        var givenUp = state.edges().stream().filter(state.lost()::covers).toList();
        if (givenUp.isEmpty()) return; // said again, or nobody was there: no need to look into every room
        for (var id : state.roomsOf(givenUp)) membersLost(Objects.requireNonNull(state.find(id)), ts, outputs);
        for (var ref : givenUp) outputs.push(ref, new Delivery.GivenUp(ref.incarnation()));
    }

    private void membersLost(Room room, long ts, Outputs outputs) {
        var users = new TreeSet<UserId>();
        for (var entry : List.copyOf(room.members().entrySet())) {
            if (!state.lost().covers(entry.getValue().edge())) continue;
            users.add(entry.getValue().user());
            state.remove(room, entry.getKey());
        }
        users.removeIf(room::has);
        for (var user : users) left(room, user, ts, outputs);
    }

    private void left(Room room, UserId user, long ts, Outputs outputs) {
        var version = state.nextVersion(room, ts);
        outputs.fact(new Event.MemberLeft(room.id(), room.epoch(), user, room.count(), version, ts));
        present(room.id(), room, Delivery.Action.LEAVE, user, version, outputs);
    }
}
