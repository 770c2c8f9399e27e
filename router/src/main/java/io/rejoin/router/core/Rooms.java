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
 * The rooms of a shard. A room with members is an object. A room without members is packed into bytes,
 * and unpacked while a command uses it. Confined to the shard's thread.
 */
final class Rooms {
    private final Map<RoomId, Room> unpacked = new HashMap<>();
    private final PackedRooms packed = new PackedRooms();
    /** Empty rooms that have too many cursors to be packed. Their objects stay in {@code unpacked}. */
    private final Set<RoomId> tooLargeToPack = new LinkedHashSet<>();
    /** The rooms that the current command has used; a room can occur more than once. */
    private final List<RoomId> usedByCommand = new ArrayList<>();

    @Nullable
    Room find(RoomId id) {
        var room = unpacked.get(id);
        if (room == null) {
            room = packed.remove(id);
            if (room == null) return null;
            unpacked.put(room.id(), room);
        }
        usedByCommand.add(room.id());
        return room;
    }

    /** The room, for reading only, outside of a command. An empty room stays packed. */
    @Nullable
    Room peek(RoomId id) {
        var room = unpacked.get(id);
        return room == null ? packed.peek(id) : room;
    }

    void remove(Room room) {
        unpacked.remove(room.id());
        tooLargeToPack.remove(room.id());
    }

    /**
     * Passes some of the empty rooms to the visitor; see {@link PackedRooms#scan}. The large ones are passed each
     * time.
     */
    byte @Nullable [] scan(byte @Nullable [] from, int maxRuns,
            BiConsumer<Supplier<RoomId>, StateEntry.Progress> visitor) {
        for (var id : tooLargeToPack) visitor.accept(() -> id, Objects.requireNonNull(unpacked.get(id)).progress());
        return packed.scan(from, maxRuns, entry -> visitor.accept(entry::id, entry.progress()));
    }

    void add(Room room) {
        unpacked.put(room.id(), room);
        usedByCommand.add(room.id());
    }

    /**
     * Ends a command: packs the rooms that are empty now.
     *
     * @param shouldRemove called for each empty room that the command used; true removes the room
     */
    void endCommand(Predicate<Room> shouldRemove) {
        for (var id : usedByCommand) {
            var room = unpacked.get(id);
            if (room == null) continue;
            if (!room.isEmpty()) tooLargeToPack.remove(id);
            else if (shouldRemove.test(room) || packed.add(room)) {
                unpacked.remove(id);
                tooLargeToPack.remove(id);
            } else {
                tooLargeToPack.add(id);
            }
        }
        usedByCommand.clear();
    }

    Stream<Room> stream() {
        return Stream.concat(unpacked.values().stream(), packed.stream());
    }
}
