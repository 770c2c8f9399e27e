package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that have a local member. Only the delivery loop adds one; whoever ends a membership may take an empty one away.
 */
public final class Rooms {
    private final ConcurrentMap<RoomId, Room> rooms = new ConcurrentHashMap<>();

    @Nullable
    Room find(RoomId id) {
        return rooms.get(id);
    }

    /** Does something with the room, made if there is none yet; no other thread takes it away meanwhile. */
    <T> T with(RoomId id, Function<Room, T> action) {
        var result = new Object() {
            @Nullable
            T value;
        };
        rooms.compute(id, (_, room) -> {
            var present = room == null ? new Room(id) : room;
            result.value = action.apply(present);
            return present.isEmpty() ? null : present;
        });
        return Objects.requireNonNull(result.value);
    }

    /** Ends a membership, joined or not. */
    public void leave(Membership membership) {
        rooms.compute(membership.room(), (id, room) -> {
            var present = room == null ? new Room(id) : room;
            return present.left(membership) ? null : present;
        });
    }
}
