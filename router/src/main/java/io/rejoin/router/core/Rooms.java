package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rooms of a shard. A room with members is an object. A room without members is at rest: it is packed into bytes,
 * and unpacked while a command uses it. Confined to the shard's thread.
 */
final class Rooms {
    private final Map<RoomId, Room> awake = new HashMap<>();
    private final PackedRooms packed = new PackedRooms();
    /** Empty rooms that have too many cursors to be packed. Their objects stay in {@code awake}. */
    private final Set<RoomId> large = new LinkedHashSet<>();
    /** The rooms that the current command has used; a room can occur more than once. */
    private final List<RoomId> touched = new ArrayList<>();

    @Nullable
    Room find(RoomId id) {
        var room = awake.get(id);
        if (room == null) {
            room = packed.take(id);
            if (room == null) return null;
            awake.put(room.id(), room);
        }
        touched.add(room.id());
        return room;
    }

    /** The room, for reading only, outside of a command. A room at rest stays packed. */
    @Nullable
    Room peek(RoomId id) {
        var room = awake.get(id);
        return room == null ? packed.peek(id) : room;
    }

    void remove(Room room) {
        awake.remove(room.id());
        large.remove(room.id());
    }

    /**
     * Passes some of the rooms at rest to the visitor; see {@link PackedRooms#scan}. The large ones are passed each
     * time.
     */
    byte @Nullable [] scan(byte @Nullable [] from, int runsAtMost,
            BiConsumer<Supplier<RoomId>, StateEntry.Progress> visitor) {
        for (var id : large) visitor.accept(() -> id, Objects.requireNonNull(awake.get(id)).progress());
        return packed.scan(from, runsAtMost, entry -> visitor.accept(entry::id, entry.progress()));
    }

    void add(Room room) {
        awake.put(room.id(), room);
        touched.add(room.id());
    }

    /**
     * Ends a command: packs the rooms that are empty now.
     *
     * @param isGone called for each empty room that the command used; true removes the room
     */
    void settle(Predicate<Room> isGone) {
        for (var id : touched) {
            var room = awake.get(id);
            if (room == null) continue;
            if (!room.isEmpty()) large.remove(id);
            else if (isGone.test(room) || packed.add(room)) {
                awake.remove(id);
                large.remove(id);
            } else {
                large.add(id);
            }
        }
        touched.clear();
    }

    Stream<Room> stream() {
        return Stream.concat(awake.values().stream(), packed.stream());
    }
}
