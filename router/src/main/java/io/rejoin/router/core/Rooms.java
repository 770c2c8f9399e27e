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
 * The rooms of a shard. One that somebody is in is an object; one at rest is packed, and unpacked while a command has to do with
 * it. Confined to the shard's thread.
 */
final class Rooms {
    private final Map<RoomId, Room> awake = new HashMap<>();
    private final PackedRooms packed = new PackedRooms();
    /** Those at rest that have too many cursors to be packed. */
    private final Set<RoomId> large = new LinkedHashSet<>();
    /** What the present command had to do with, perhaps more than once. */
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

    /** The room only to be looked at, for whoever asks beside the log. */
    @Nullable
    Room peek(RoomId id) {
        var room = awake.get(id);
        return room == null ? packed.peek(id) : room;
    }

    void remove(Room room) {
        awake.remove(room.id());
        large.remove(room.id());
    }

    /** Shows some of the rooms at rest; see {@link PackedRooms#scan}. */
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
     * A command is done: what nobody is in goes to rest.
     *
     * @param isGone asked of each room without members that the command had to do with: that one is not kept
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
