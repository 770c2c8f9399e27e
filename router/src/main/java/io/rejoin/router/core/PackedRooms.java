package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The empty rooms of a shard, as bytes: each takes about 25 bytes plus its name and its cursors. They are kept in
 * sorted runs of a few kilobytes. So a change moves only a few bytes, and the whole is never rebuilt. Confined to one
 * thread.
 */
final class PackedRooms {
    /** The size limit of a packed room, in bytes. A room with very many cursors is larger. */
    static final int MAX_BYTES = PackedRun.MAX_BYTES / 4;

    private static final byte[] LOWEST_BOUND = {};

    /**
     * The runs by their lower bound. No room of a run has a smaller key; all rooms of the runs before have. The first
     * bound is the empty key.
     */
    private final TreeMap<byte[], PackedRun> runs = new TreeMap<>(Arrays::compareUnsigned);
    private int size;

    PackedRooms() {
        runs.put(LOWEST_BOUND, new PackedRun());
    }

    int size() {
        return size;
    }

    /** Adds a room that is not here yet. Returns false when the room is too large. */
    boolean add(Room room) {
        var key = key(room.id());
        var body = PackedRoom.pack(room);
        if (key.length + body.length > MAX_BYTES) return false;
        var run = runs.floorEntry(key).getValue();
        if (!run.hasSpace(key, body)) {
            var upper = run.split();
            runs.put(upper.key(0), upper);
            if (Arrays.compareUnsigned(key, upper.key(0)) > 0) run = upper;
        }
        run.add(key, body);
        size++;
        return true;
    }

    /** Removes a room and returns it unpacked; null if it is not here. */
    @Nullable
    Room remove(RoomId id) {
        var key = key(id);
        var at = runs.floorEntry(key);
        var index = at.getValue().find(key);
        if (index < 0) return null;
        var room = PackedRoom.unpack(id, at.getValue().body(index));
        at.getValue().remove(index);
        size--;
        mergeWithNeighbours(at);
        return room;
    }

    /** A copy of a room, unpacked; null if it is not here. The packed room stays. */
    @Nullable
    Room peek(RoomId id) {
        var key = key(id);
        var run = runs.floorEntry(key).getValue();
        var index = run.find(key);
        return index < 0 ? null : PackedRoom.unpack(id, run.body(index));
    }

    /**
     * Cleans up after a run has lost a room: merges the run with a small neighbour, or removes it if it is empty. So
     * the number of runs follows the number of rooms.
     */
    private void mergeWithNeighbours(Map.Entry<byte[], PackedRun> run) {
        mergeRuns(run, runs.higherEntry(run.getKey()));
        var before = runs.lowerEntry(run.getKey());
        if (before != null && run.getValue().isEmpty()) runs.remove(run.getKey());
        else
            mergeRuns(before, run);
    }

    /** Merges two runs, if both are small. */
    private void mergeRuns(Map.@Nullable Entry<byte[], PackedRun> run, Map.@Nullable Entry<byte[], PackedRun> next) {
        if (run == null || next == null || !run.getValue().appendIfSmall(next.getValue())) return;
        runs.remove(next.getKey());
    }

    /** All rooms, unpacked one at a time. */
    Stream<Room> stream() {
        return runs.values().stream().flatMap(PackedRun::stream);
    }

    /**
     * Passes the rooms of some runs to the visitor.
     *
     * @param from the result of the last call; null to start with the first room
     * @return where to continue; null when all rooms were passed
     */
    byte @Nullable [] scan(byte @Nullable [] from, int maxRuns, Consumer<PackedRun.Entry> visitor) {
        var at = runs.floorEntry(from == null ? LOWEST_BOUND : from);
        for (var n = 0; n < maxRuns && at != null; n++) {
            at.getValue().forEach(visitor);
            at = runs.higherEntry(at.getKey());
        }
        return at == null ? null : at.getKey();
    }

    private static byte[] key(RoomId id) {
        return id.key().getBytes(UTF_8);
    }
}
