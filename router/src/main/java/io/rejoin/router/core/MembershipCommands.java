package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Joins, leaves and lost edges, and the presence deliveries that announce them: a part of {@link Shard}. */
final class MembershipCommands {
    private final ShardState state;

    MembershipCommands(ShardState state) {
        this.state = state;
    }

    void join(Command.Join join, long ts, Outputs outputs) {
        if (state.lostEdges().contains(join.edge())) {
            outputs.push(join.edge(), new Delivery.GivenUp(join.edge().incarnation()));
            return;
        }
        var id = join.room();
        var room = state.findOrCreate(id, ts);
        var isFirst = !room.hasUser(join.user());
        state.put(room, join.connection(), new Member(join.user(), join.edge()));
        var version = isFirst ? state.nextVersion(room, ts) : room.version();
        outputs.push(join.edge(), new Delivery.Joined(id, join.connection(), join.request(), room.epoch(), room.seq(),
                room.firstUsers(Delivery.MAX_LISTED), room.userCount(), version, cursor(room, join.user()),
                state.rules().emptySince()));
        if (!isFirst) return;
        outputs.addFact(new Event.MemberJoined(id, room.epoch(), join.user(), room.userCount(), version, ts));
        pushPresence(id, room, Delivery.Action.JOIN, join.user(), version, outputs);
    }

    private static @Nullable Long cursor(Room room, UserId user) {
        var cursor = room.cursor(user);
        return cursor == 0 ? null : cursor;
    }

    /**
     * Announces a join or leave to the members. In a personal room nothing is announced: only its own user is in it,
     * and would be informed of the user's own joins and leaves.
     */
    private static void pushPresence(RoomId id, Room room, Delivery.Action action, UserId user, long version,
            Outputs outputs) {
        if (id.isPersonal()) return;
        outputs.pushAll(room.edges(), new Delivery.Presence(id, action, user, room.userCount(), version));
    }

    void leave(Command.Leave leave, long ts, Outputs outputs) {
        var room = state.find(leave.room());
        if (room == null || state.lostEdges().contains(leave.edge())) return;
        var member = state.remove(room, leave.connection());
        if (member != null && !room.hasUser(member.user())) userLeft(room, member.user(), ts, outputs);
    }

    void list(Command.ListMembers list, Outputs outputs) {
        var room = state.find(list.room());
        outputs.push(list.edge(), room == null
                ? new Delivery.MemberList(list.room(), list.connection(), list.request(), List.of(), 0, 0)
                : new Delivery.MemberList(list.room(), list.connection(), list.request(),
                        room.firstUsers(Delivery.MAX_LISTED), room.userCount(), room.version()));
    }

    /**
     * Removes the edge's members from all rooms. Sends {@link Delivery.GivenUp} to each incarnation that had a member,
     * in case the edge is still alive.
     */
    void onEdgeLost(String edge, long incarnation, long ts, Outputs outputs) {
        state.lostEdges().add(edge, incarnation, ts);
        state.lastDeliveries().remove(edge, incarnation);
        var givenUp = state.edges().stream().filter(state.lostEdges()::contains).toList();
        if (givenUp.isEmpty()) return; // a repeated command, or no member was affected: no need to check every room
        for (var id : state.roomsOf(givenUp)) removeLostMembers(Objects.requireNonNull(state.find(id)), ts, outputs);
        for (var ref : givenUp) outputs.push(ref, new Delivery.GivenUp(ref.incarnation()));
    }

    private void removeLostMembers(Room room, long ts, Outputs outputs) {
        var users = new TreeSet<UserId>();
        for (var entry : List.copyOf(room.members().entrySet())) {
            if (!state.lostEdges().contains(entry.getValue().edge())) continue;
            users.add(entry.getValue().user());
            state.remove(room, entry.getKey());
        }
        users.removeIf(room::hasUser);
        for (var user : users) userLeft(room, user, ts, outputs);
    }

    private void userLeft(Room room, UserId user, long ts, Outputs outputs) {
        var version = state.nextVersion(room, ts);
        outputs.addFact(new Event.MemberLeft(room.id(), room.epoch(), user, room.userCount(), version, ts));
        pushPresence(room.id(), room, Delivery.Action.LEAVE, user, version, outputs);
    }
}
