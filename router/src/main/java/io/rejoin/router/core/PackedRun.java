package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A run of packed rooms, sorted by key, in one array. For each room it holds the length of the key, the key and the
 * body.
 */
final class PackedRun {
    static final int MAX_BYTES = 8 * 1024;
    private static final int BYTES_STEP = 256;
    private static final int STARTS_STEP = 16;

    /** A reference to a room in a run; valid until the run changes. */
    record Entry(PackedRun run, int index) {
        RoomId id() {
            return RoomId.of(new String(run.key(index), UTF_8));
        }

        StateEntry.Progress progress() {
            return PackedRoom.progress(run.body(index));
        }
    }

    private byte[] data = {};
    private int usedBytes;
    /** The start of each room in {@code data}. */
    private short[] starts = {};
    private int count;

    /** The index of a key. If the key is not here: {@code -1 -} the index where it belongs. */
    int find(byte[] key) {
        var low = 0;
        var high = count - 1;
        while (low <= high) {
            var middle = (low + high) >>> 1;
            var from = starts[middle] + 2;
            var order = Arrays.compareUnsigned(data, from, from + keyLength(middle), key, 0, key.length);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else
                high = middle - 1;
        }
        return -1 - low;
    }

    byte[] key(int index) {
        var from = starts[index] + 2;
        return Arrays.copyOfRange(data, from, from + keyLength(index));
    }

    /** The packed room without its key. */
    byte[] body(int index) {
        return Arrays.copyOfRange(data, starts[index] + 2 + keyLength(index), end(index));
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean hasSpace(byte[] key, byte[] body) {
        return usedBytes + 2 + key.length + body.length <= MAX_BYTES;
    }

    /** Adds a room that is not here yet. {@link #hasSpace} must be true for it. */
    void add(byte[] key, byte[] body) {
        var index = -1 - find(key);
        var length = 2 + key.length + body.length;
        var at = index == count ? usedBytes : starts[index];
        reserve(length);
        System.arraycopy(data, at, data, at + length, usedBytes - at);
        data[at] = (byte) (key.length >> 8);
        data[at + 1] = (byte) key.length;
        System.arraycopy(key, 0, data, at + 2, key.length);
        System.arraycopy(body, 0, data, at + 2 + key.length, body.length);
        usedBytes += length;
        if (count == starts.length) starts = Arrays.copyOf(starts, count + STARTS_STEP);
        System.arraycopy(starts, index, starts, index + 1, count - index);
        starts[index] = (short) at;
        count++;
        shift(index + 1, length);
    }

    void remove(int index) {
        var from = starts[index];
        var length = end(index) - from;
        System.arraycopy(data, from + length, data, from, usedBytes - from - length);
        usedBytes -= length;
        System.arraycopy(starts, index + 1, starts, index, count - index - 1);
        count--;
        shift(index, -length);
        trim();
    }

    /**
     * Moves the upper half into a new run and returns that. Call it only on a run that has no space for another room.
     */
    PackedRun split() {
        var index = 1;
        while (index < count - 1 && starts[index] < usedBytes / 2) index++;
        var upper = new PackedRun();
        upper.append(this, index);
        usedBytes = starts[index];
        count = index;
        trim();
        return upper;
    }

    /**
     * Appends all rooms of the next run. Returns false and changes nothing if the result would be more than half full.
     */
    boolean appendIfSmall(PackedRun next) {
        if (usedBytes + next.usedBytes > MAX_BYTES / 2) return false;
        append(next, 0);
        return true;
    }

    Stream<Room> stream() {
        return IntStream.range(0, count)
                .mapToObj(n -> PackedRoom.unpack(RoomId.of(new String(key(n), UTF_8)), body(n)));
    }

    void forEach(Consumer<Entry> visitor) {
        for (var n = 0; n < count; n++) visitor.accept(new Entry(this, n));
    }

    private void append(PackedRun other, int from) {
        if (from == other.count) return;
        var offset = other.starts[from];
        var length = other.usedBytes - offset;
        reserve(length);
        System.arraycopy(other.data, offset, data, usedBytes, length);
        starts = Arrays.copyOf(starts, Math.max(starts.length, count + other.count - from));
        for (var n = from; n < other.count; n++) starts[count++] = (short) (other.starts[n] - offset + usedBytes);
        usedBytes += length;
    }

    private void reserve(int bytes) {
        if (usedBytes + bytes > data.length) data = Arrays.copyOf(data, usedBytes + bytes + BYTES_STEP);
    }

    private void trim() {
        if (data.length - usedBytes > 4 * BYTES_STEP) data = Arrays.copyOf(data, usedBytes + BYTES_STEP);
        if (starts.length - count > 4 * STARTS_STEP) starts = Arrays.copyOf(starts, count + STARTS_STEP);
    }

    private void shift(int from, int delta) {
        for (var n = from; n < count; n++) starts[n] += (short) delta;
    }

    private int keyLength(int index) {
        var at = starts[index];
        return (data[at] & 0xff) << 8 | (data[at + 1] & 0xff);
    }

    private int end(int index) {
        return index == count - 1 ? usedBytes : starts[index + 1];
    }
}
