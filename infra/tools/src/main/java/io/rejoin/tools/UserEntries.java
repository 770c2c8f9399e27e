package io.rejoin.tools;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
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
 * Collects the state of one user from entries of {@code rejoin.state}. A later entry replaces an earlier one of the
 * same key. Entries of other users are not kept. Confined to one thread.
 */
final class UserEntries implements Consumer<StateEntry> {
    private record Seat(RoomId room, ConnectionId connection) {}

    private record Place(RoomId room, long seq) {}

    private final UserId user;
    private final Map<Seat, EdgeRef> seats = new HashMap<>();
    private final Map<RoomId, Long> cursors = new HashMap<>();
    private final Map<Place, Pending> waiting = new HashMap<>();

    UserEntries(UserId user) {
        this.user = user;
    }

    /** The state of the user in one room. */
    static final class InRoom {
        private final RoomId room;
        private final SortedMap<EdgeRef, Integer> edges = new TreeMap<>();
        private final SortedMap<Long, Pending> waiting = new TreeMap<>();
        private @Nullable Long cursor;

        private InRoom(RoomId room) {
            this.room = room;
        }

        RoomId room() {
            return room;
        }

        /** The number of the user's connections at each edge; empty if the user is not in the room. */
        SortedMap<EdgeRef, Integer> edges() {
            return edges;
        }

        int connections() {
            return edges.values().stream().mapToInt(Integer::intValue).sum();
        }

        /** The seq up to which the user has acknowledged; null for none. */
        @Nullable
        Long cursor() {
            return cursor;
        }

        /** The messages that wait for the user's confirmation, by seq. */
        SortedMap<Long, Pending> waiting() {
            return waiting;
        }
    }

    @Override
    public void accept(StateEntry entry) {
        switch (entry) {
            case StateEntry.OfMember(var room, var connection, var member) -> put(seats, new Seat(room, connection),
                    member != null && member.user().equals(user) ? member.edge() : null);
            case StateEntry.OfCursor(var room, var whose, var seq) when whose.equals(user) ->
                put(cursors, room, seq == 0 ? null : seq);
            case StateEntry.OfPending(var room, var seq, var pending) -> put(waiting, new Place(room, seq),
                    pending != null && pending.recipients().contains(user) ? pending : null);
            case StateEntry.OfCursor _,StateEntry.OfRoom _,StateEntry.OfPosts _,StateEntry.OfLostEdge _,StateEntry.OfChain _,StateEntry.OfShard _ -> {
                // another user's entry, or no user's
            }
        }
    }

    private static <K, V> void put(Map<K, V> map, K key, @Nullable V value) {
        if (value == null) map.remove(key);
        else
            map.put(key, value);
    }

    /** The number of the user's connections. A connection in several rooms counts once. */
    long connections() {
        return seats.keySet().stream().map(Seat::connection).distinct().count();
    }

    /**
     * The user's rooms: first those that the user is in, then those with messages to confirm, then those with a cursor
     * alone. Within each group they are ordered by name.
     */
    List<InRoom> rooms() {
        var rooms = new TreeMap<RoomId, InRoom>();
        seats.forEach((seat, edge) -> in(rooms, seat.room()).edges.merge(edge, 1, Integer::sum));
        cursors.forEach((room, seq) -> in(rooms, room).cursor = seq);
        waiting.forEach((place, pending) -> in(rooms, place.room()).waiting.put(place.seq(), pending));
        return rooms.values().stream().sorted(Comparator.comparing((InRoom each) -> each.edges.isEmpty())
                .thenComparing(each -> each.waiting.isEmpty())).toList();
    }

    private static InRoom in(Map<RoomId, InRoom> rooms, RoomId room) {
        return rooms.computeIfAbsent(room, InRoom::new);
    }
}
