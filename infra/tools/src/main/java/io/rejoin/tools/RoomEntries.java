package io.rejoin.tools;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.router.core.Member;
import io.rejoin.router.core.Pending;
import io.rejoin.router.core.StateEntry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the state of one room from entries of {@code rejoin.state}. A later entry replaces an earlier one of the
 * same key. Confined to one thread.
 */
final class RoomEntries implements Consumer<StateEntry> {
    private final RoomId room;
    private StateEntry.@Nullable Progress progress;
    private final Map<ConnectionId, Member> members = new HashMap<>();
    private final SortedMap<UserId, Long> cursors = new TreeMap<>();
    private final SortedMap<Long, Pending> waiting = new TreeMap<>();

    RoomEntries(RoomId room) {
        this.room = room;
    }

    /**
     * The members of a room at one edge.
     *
     * @param users the number of connections of each user
     */
    record Behind(EdgeRef edge, SortedMap<UserId, Integer> users) {
        int connections() {
            return users.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** The seq up to which a user has acknowledged. */
    record Cursor(UserId user, long seq) {}

    @Override
    public void accept(StateEntry entry) {
        switch (entry) {
            case StateEntry.OfRoom(var id, var now) when id.equals(room) -> progress = now;
            case StateEntry.OfMember(var id, var connection, var member) when id.equals(room) ->
                put(members, connection, member);
            case StateEntry.OfCursor(var id, var user, var seq) when id.equals(room) ->
                put(cursors, user, seq == 0 ? null : seq);
            case StateEntry.OfPending(var id, var seq, var pending) when id.equals(room) -> put(waiting, seq, pending);
            case StateEntry.OfRoom _,StateEntry.OfMember _,StateEntry.OfCursor _,StateEntry.OfPending _,StateEntry.OfPosts _,StateEntry.OfLostEdge _,StateEntry.OfChain _,StateEntry.OfShard _ -> {
                // another room's entry, or no room's
            }
        }
    }

    private static <K, V> void put(Map<K, V> map, K key, @Nullable V value) {
        if (value == null) map.remove(key);
        else
            map.put(key, value);
    }

    /** The room's epoch, seq and so on; null if there is no such room. */
    StateEntry.@Nullable Progress progress() {
        return progress;
    }

    /** The number of connections in the room. */
    int connections() {
        return members.size();
    }

    /** The number of different users in the room. */
    long users() {
        return members.values().stream().map(Member::user).distinct().count();
    }

    /** The members by edge; the edge with most connections comes first. */
    List<Behind> edges() {
        var byEdge = new TreeMap<EdgeRef, SortedMap<UserId, Integer>>();
        for (var member : members.values())
            byEdge.computeIfAbsent(member.edge(), _ -> new TreeMap<>()).merge(member.user(), 1, Integer::sum);
        return byEdge.entrySet().stream().map(each -> new Behind(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingInt(Behind::connections).reversed()).toList();
    }

    /** The cursors; the user who is furthest behind comes first. */
    List<Cursor> cursors() {
        return cursors.entrySet().stream().map(each -> new Cursor(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingLong(Cursor::seq)).toList();
    }

    /** The messages that wait for confirmations, by seq. */
    SortedMap<Long, Pending> waiting() {
        return waiting;
    }
}
