package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a shard knows, and which of it has changed since the last checkpoint. Confined to the shard's thread. */
final class ShardState {
    private record MemberKey(RoomId room, ConnectionId connection) {}

    private record CursorKey(RoomId room, UserId user) {}

    private final SortedMap<RoomId, Room> rooms = new TreeMap<>();
    private final SortedMap<EdgeRef, Integer> edges = new TreeMap<>();
    private final DuplicateWindow window = new DuplicateWindow();
    private final LostEdges lost = new LostEdges();
    private final Unconfirmed unconfirmed = new Unconfirmed();
    private final Set<RoomId> changedRooms = new HashSet<>();
    private final Set<MemberKey> changedMembers = new HashSet<>();
    private final Set<CursorKey> changedCursors = new HashSet<>();

    DuplicateWindow window() {
        return window;
    }

    LostEdges lost() {
        return lost;
    }

    Unconfirmed unconfirmed() {
        return unconfirmed;
    }

    /** All rooms there ever were, by id. */
    Collection<RoomId> rooms() {
        return Collections.unmodifiableSet(rooms.keySet());
    }

    @Nullable
    Room find(RoomId id) {
        return rooms.get(id);
    }

    /** The room, made at this time if this is the first that is heard of it. */
    Room room(RoomId id, long ts) {
        return rooms.computeIfAbsent(id, _ -> {
            changedRooms.add(id);
            return new Room(ts, 0, 0);
        });
    }

    /** The incarnations of edges that have a member, in any room. */
    Collection<EdgeRef> edges() {
        return Collections.unmodifiableSet(edges.keySet());
    }

    long nextSeq(RoomId id) {
        changedRooms.add(id);
        return present(id).nextSeq();
    }

    long nextVersion(RoomId id) {
        changedRooms.add(id);
        return present(id).nextVersion();
    }

    /** Moves a user's cursor in a room that is there. */
    void moveCursor(RoomId id, UserId user, long seq) {
        present(id).moveCursor(user, seq);
        changedCursors.add(new CursorKey(id, user));
    }

    /** Puts a connection into a room that is there, or changes what is known of it. */
    void put(RoomId id, ConnectionId connection, Member member) {
        var before = present(id).put(connection, member);
        if (before != null) uncount(before.edge());
        edges.merge(member.edge(), 1, Integer::sum);
        changedMembers.add(new MemberKey(id, connection));
    }

    /** Takes a connection out of a room that is there; what was known of it, or null if it was not in. */
    @Nullable
    Member remove(RoomId id, ConnectionId connection) {
        var before = present(id).remove(connection);
        if (before == null) return null;
        uncount(before.edge());
        changedMembers.add(new MemberKey(id, connection));
        return before;
    }

    /** What has changed since this was last asked. */
    List<StateEntry> takeChanges() {
        var changes = new ArrayList<StateEntry>();
        for (var id : changedRooms) {
            var room = present(id);
            changes.add(new StateEntry.OfRoom(id, room.epoch(), room.seq(), room.version()));
        }
        for (var key : changedMembers) {
            changes.add(new StateEntry.OfMember(key.room(), key.connection(),
                    present(key.room()).members().get(key.connection())));
        }
        for (var key : changedCursors) {
            changes.add(new StateEntry.OfCursor(key.room(), key.user(), present(key.room()).cursor(key.user())));
        }
        for (var place : unconfirmed.takeChanged()) {
            changes.add(new StateEntry.OfPending(place.room(), place.seq(),
                    unconfirmed.find(place.room(), place.seq())));
        }
        for (var number : window.takeChanged()) changes.add(new StateEntry.OfPosts(number, window.chunk(number)));
        for (var edge : lost.takeChanged()) {
            changes.add(Objects.requireNonNullElseGet(lost.find(edge), () -> new StateEntry.OfLostEdge(edge, 0, 0)));
        }
        changedRooms.clear();
        changedMembers.clear();
        changedCursors.clear();
        return changes;
    }

    /** The state whose latest entries these are. */
    static ShardState restore(Stream<StateEntry> latest) {
        var state = new ShardState();
        var members = new ArrayList<StateEntry.OfMember>();
        var cursors = new ArrayList<StateEntry.OfCursor>();
        latest.forEachOrdered(entry -> {
            switch (entry) {
                case StateEntry.OfRoom(var id, var epoch, var seq, var version) ->
                    state.rooms.put(id, new Room(epoch, seq, version));
                case StateEntry.OfMember member -> members.add(member);
                case StateEntry.OfCursor cursor -> cursors.add(cursor);
                case StateEntry.OfPending(var id, var seq, var pending) -> {
                    if (pending != null) state.unconfirmed.restore(id, seq, pending);
                }
                case StateEntry.OfPosts(var number, var chunk) -> state.window.restore(number, chunk);
                case StateEntry.OfLostEdge edge -> state.lost.restore(edge);
            }
        });
        for (var entry : members) {
            if (entry.member() != null) state.put(entry.room(), entry.connection(), entry.member());
        }
        for (var cursor : cursors) state.present(cursor.room()).moveCursor(cursor.user(), cursor.seq());
        state.changedMembers.clear();
        return state;
    }

    private Room present(RoomId id) {
        return Objects.requireNonNull(rooms.get(id), () -> "no such room: " + id.key());
    }

    private void uncount(EdgeRef edge) {
        edges.computeIfPresent(edge, (_, count) -> count == 1 ? null : count - 1);
    }
}
