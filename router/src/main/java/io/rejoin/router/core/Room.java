package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
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
import org.jspecify.annotations.Nullable;

/**
 * The state of one room: how far its order has come, and who is in it. Everything is sorted, because the order of outputs
 * must not depend on the history of a hash table.
 */
final class Room {
    private final long epoch;
    private long seq;
    private long version;
    private final SortedMap<ConnectionId, Member> members = new TreeMap<>();
    private final SortedMap<UserId, List<ConnectionId>> users = new TreeMap<>();
    private final SortedMap<EdgeRef, Integer> edges = new TreeMap<>();
    private final Map<UserId, Long> cursors = new HashMap<>();

    /**
     * A room as it was.
     *
     * @param epoch   the log's time at the first command about the room
     * @param seq     of its last message
     * @param version of its presence
     */
    Room(long epoch, long seq, long version) {
        this.epoch = epoch;
        this.seq = seq;
        this.version = version;
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

    /** Users, not connections. */
    int count() {
        return users.size();
    }

    /** The users, by name. */
    Collection<UserId> users() {
        return Collections.unmodifiableSet(users.keySet());
    }

    /** The edges behind which a user has a connection other than that one. */
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

    void moveCursor(UserId user, long seq) {
        cursors.put(user, seq);
    }

    /** The first users by name. */
    List<UserId> list(int most) {
        return users.keySet().stream().limit(most).toList();
    }

    /** The edges that have a member. */
    Collection<EdgeRef> edges() {
        return Collections.unmodifiableSet(edges.keySet());
    }

    Map<ConnectionId, Member> members() {
        return Collections.unmodifiableMap(members);
    }

    boolean has(UserId user) {
        return users.containsKey(user);
    }

    /** Puts a connection in, or changes what is known of it; gives back what was known before. */
    @Nullable
    Member put(ConnectionId connection, Member member) {
        var before = members.put(connection, member);
        if (before != null) uncount(connection, before);
        users.computeIfAbsent(member.user(), _ -> new ArrayList<>(1)).add(connection);
        edges.merge(member.edge(), 1, Integer::sum);
        return before;
    }

    @Nullable
    Member remove(ConnectionId connection) {
        var before = members.remove(connection);
        if (before != null) uncount(connection, before);
        return before;
    }

    private void uncount(ConnectionId connection, Member member) {
        users.computeIfPresent(member.user(), (_, connections) -> {
            connections.remove(connection);
            return connections.isEmpty() ? null : connections;
        });
        edges.computeIfPresent(member.edge(), (_, count) -> count == 1 ? null : count - 1);
    }
}
