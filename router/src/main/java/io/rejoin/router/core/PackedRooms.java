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
 * The rooms nobody is in, as bytes: each takes some 25 besides its name and its cursors. They lie in runs of a few kilobytes, by
 * the order of their keys, so that whatever happens to a room moves little: nothing is ever rebuilt as a whole. Confined to one
 * thread.
 */
final class PackedRooms {
    /** The largest room that is taken, in bytes: one with very many cursors is not. */
    static final int MOST_BYTES = PackedRun.MOST_BYTES / 4;

    private static final byte[] FIRST = {};

    /** By a key that none of its rooms is before, and all rooms of the runs before it are. The first begins with the least. */
    private final TreeMap<byte[], PackedRun> runs = new TreeMap<>(Arrays::compareUnsigned);
    private int size;

    PackedRooms() {
        runs.put(FIRST, new PackedRun());
    }

    int size() {
        return size;
    }

    /** Takes a room that is not here yet; false when it is too large. */
    boolean add(Room room) {
        var key = key(room.id());
        var body = PackedRoom.pack(room);
        if (key.length + body.length > MOST_BYTES) return false;
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

    /** Gives a room out: it is here no longer. */
    @Nullable
    Room take(RoomId id) {
        var key = key(id);
        var at = runs.floorEntry(key);
        var index = at.getValue().find(key);
        if (index < 0) return null;
        var room = PackedRoom.unpack(id, at.getValue().body(index));
        at.getValue().remove(index);
        size--;
        shrunk(at);
        return room;
    }

    /** What is known of a room, which stays here. */
    @Nullable
    Room peek(RoomId id) {
        var key = key(id);
        var run = runs.floorEntry(key).getValue();
        var index = run.find(key);
        return index < 0 ? null : PackedRoom.unpack(id, run.body(index));
    }

    /** A run holds less: it goes, or becomes one with a neighbour that is small, too. So there are as many as are needed. */
    private void shrunk(Map.Entry<byte[], PackedRun> run) {
        join(run, runs.higherEntry(run.getKey()));
        var before = runs.lowerEntry(run.getKey());
        if (before != null && run.getValue().isEmpty()) runs.remove(run.getKey());
        else
            join(before, run);
    }

    /** Two runs become one, if both are small. */
    private void join(Map.@Nullable Entry<byte[], PackedRun> run, Map.@Nullable Entry<byte[], PackedRun> next) {
        if (run == null || next == null || !run.getValue().takeAll(next.getValue())) return;
        runs.remove(next.getKey());
    }

    /** All of them, unpacked one by one. */
    Stream<Room> stream() {
        return runs.values().stream().flatMap(PackedRun::stream);
    }

    /**
     * Shows the rooms of some runs.
     *
     * @param from what was given back the last time; null to begin with the first room
     * @return where to go on; null when all were shown
     */
    byte @Nullable [] scan(byte @Nullable [] from, int runsAtMost, Consumer<PackedRun.Entry> visitor) {
        var at = runs.floorEntry(from == null ? FIRST : from);
        for (var n = 0; n < runsAtMost && at != null; n++) {
            at.getValue().forEach(visitor);
            at = runs.higherEntry(at.getKey());
        }
        return at == null ? null : at.getKey();
    }

    private static byte[] key(RoomId id) {
        return id.key().getBytes(UTF_8);
    }
}
