package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of one room: its epoch, its last seq and version, its members and its cursors. Members, users and edges are
 * sorted, because the order of outputs must not depend on the history of a hash table.
 */
final class Room {
    /** The epoch of a room whose own entry is not restored yet: only members or cursors of it are known. */
    static final long ABSENT = -1;

    private final RoomId id;
    private long epoch;
    private long seq;
    private long version;
    private long used;
    private final SortedMap<ConnectionId, Member> members = new TreeMap<>();
    private final SortedMap<UserId, List<ConnectionId>> users = new TreeMap<>();
    private final SortedMap<EdgeRef, Integer> edges = new TreeMap<>();
    private final Map<UserId, Long> cursors = new HashMap<>();

    /**
     * Creates a room with these numbers.
     *
     * @param epoch   about the log time of the first command about the room
     * @param seq     of its last message
     * @param version of its presence
     * @param used    log time of the last message, join or leave; 0 if not known
     */
    Room(RoomId id, long epoch, long seq, long version, long used) {
        this.id = id;
        this.epoch = epoch;
        this.seq = seq;
        this.version = version;
        this.used = used;
    }

    RoomId id() {
        return id;
    }

    static Room of(RoomId id, StateEntry.Progress progress) {
        return new Room(id, progress.epoch(), progress.seq(), progress.version(), progress.used());
    }

    /** A placeholder that holds members and cursors until the room's own entry is restored. */
    static Room absent(RoomId id) {
        return new Room(id, ABSENT, 0, 0, 0);
    }

    boolean isAbsent() {
        return epoch == ABSENT;
    }

    /** Restores the room's own numbers; null makes the room absent. */
    void restore(StateEntry.@Nullable Progress progress) {
        epoch = progress == null ? ABSENT : progress.epoch();
        seq = progress == null ? 0 : progress.seq();
        version = progress == null ? 0 : progress.version();
        used = progress == null ? 0 : progress.used();
    }

    StateEntry.Progress progress() {
        return new StateEntry.Progress(epoch, seq, version, used);
    }

    /** Whether the room has no members. */
    boolean isEmpty() {
        return members.isEmpty();
    }

    boolean hasCursors() {
        return !cursors.isEmpty();
    }

    /** The users who have a cursor. */
    Stream<UserId> usersWithCursor() {
        return cursors.keySet().stream();
    }

    boolean hasMemberOn(EdgeRef edge) {
        return edges.containsKey(edge);
    }

    long used() {
        return used;
    }

    void markUsed(long ts) {
        used = Math.max(used, ts);
    }

    long epoch() {
        return epoch;
    }

    long seq() {
        return seq;
    }

    long version() {
        return version;
    }

    long nextSeq() {
        return ++seq;
    }

    long nextVersion() {
        return ++version;
    }

    /** The number of users, not of connections. */
    int userCount() {
        return users.size();
    }

    /** The users, sorted. */
    Collection<UserId> users() {
        return Collections.unmodifiableSet(users.keySet());
    }

    /** The edges through which a user has a connection in this room, without the connection {@code except}. */
    Collection<EdgeRef> edges(UserId user, @Nullable ConnectionId except) {
        var found = new TreeSet<EdgeRef>();
        for (var connection : users.getOrDefault(user, List.of())) {
            var member = members.get(connection);
            if (member != null && !connection.equals(except)) found.add(member.edge());
        }
        return found;
    }

    /** The seq up to which a user has acknowledged; 0 if nothing. */
    long cursor(UserId user) {
        return cursors.getOrDefault(user, 0L);
    }

    /** @param seq 0 removes the cursor */
    void moveCursor(UserId user, long seq) {
        if (seq == 0) cursors.remove(user);
        else
            cursors.put(user, seq);
    }

    /** At most {@code max} users, in sorted order. */
    List<UserId> firstUsers(int max) {
        return users.keySet().stream().limit(max).toList();
    }

    /** The edges that have a member. */
    Collection<EdgeRef> edges() {
        return Collections.unmodifiableSet(edges.keySet());
    }

    Map<ConnectionId, Member> members() {
        return Collections.unmodifiableMap(members);
    }

    boolean hasUser(UserId user) {
        return users.containsKey(user);
    }

    /** Puts a connection into the room, or replaces its entry. Returns the previous entry. */
    @Nullable
    Member put(ConnectionId connection, Member member) {
        var previous = members.put(connection, member);
        if (previous != null) removeFromIndexes(connection, previous);
        users.computeIfAbsent(member.user(), _ -> new ArrayList<>(1)).add(connection);
        edges.merge(member.edge(), 1, Integer::sum);
        return previous;
    }

    @Nullable
    Member remove(ConnectionId connection) {
        var removed = members.remove(connection);
        if (removed != null) removeFromIndexes(connection, removed);
        return removed;
    }

    private void removeFromIndexes(ConnectionId connection, Member member) {
        users.computeIfPresent(member.user(), (_, connections) -> {
            connections.remove(connection);
            return connections.isEmpty() ? null : connections;
        });
        edges.computeIfPresent(member.edge(), (_, count) -> count == 1 ? null : count - 1);
    }
}
