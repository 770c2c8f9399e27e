package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rooms of a shard. Confined to the shard's thread. */
final class Rooms {
    private final Map<RoomId, Room> all = new HashMap<>();
    /** What the present command had to do with. */
    private final Set<RoomId> touched = new HashSet<>();

    @Nullable
    Room find(RoomId id) {
        var room = all.get(id);
        if (room != null) touched.add(room.id());
        return room;
    }

    /** The room only to be looked at, for whoever asks beside the log. */
    @Nullable
    Room peek(RoomId id) {
        return all.get(id);
    }

    void add(Room room) {
        all.put(room.id(), room);
        touched.add(room.id());
    }

    /**
     * A command is done.
     *
     * @param isGone asked of each room without members that it had to do with: that one is not kept
     */
    void settle(Predicate<Room> isGone) {
        for (var id : touched) {
            var room = all.get(id);
            if (room != null && room.isEmpty() && isGone.test(room)) all.remove(id);
        }
        touched.clear();
    }

    Stream<Room> stream() {
        return all.values().stream();
    }
}
