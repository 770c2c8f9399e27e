package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.io.ByteArrayOutputStream;

/**
 * The byte form of an empty room. It holds the epoch, seq, version and time of use, then each cursor: the user's key
 * and the seq. The key omits the tenant if it is the room's own. Numbers are varints: seven bits per byte, lowest bits
 * first.
 */
final class PackedRoom {
    private final byte[] bytes;
    private int position;

    private PackedRoom(byte[] bytes) {
        this.bytes = bytes;
    }

    static byte[] pack(Room room) {
        var out = new ByteArrayOutputStream(32);
        var progress = room.progress();
        write(out, progress.epoch() - Room.ABSENT);
        write(out, progress.seq());
        write(out, progress.version());
        write(out, progress.used() == 0 ? 0 : 1 + zigzag(progress.used() - progress.epoch()));
        room.usersWithCursor().forEach(user -> {
            var isSameTenant = user.tenant().equals(room.id().tenant());
            var key = (isSameTenant ? "/" + user.name() : user.key()).getBytes(UTF_8);
            write(out, key.length);
            out.writeBytes(key);
            write(out, room.cursor(user));
        });
        return out.toByteArray();
    }

    static StateEntry.Progress progress(byte[] body) {
        return new PackedRoom(body).progress();
    }

    static Room unpack(RoomId id, byte[] body) {
        var packed = new PackedRoom(body);
        var room = Room.of(id, packed.progress());
        while (packed.position < body.length) {
            var length = (int) packed.read();
            var key = new String(body, packed.position, length, UTF_8);
            packed.position += length;
            room.moveCursor(UserId.of(key.startsWith("/") ? id.tenant() + key : key), packed.read());
        }
        return room;
    }

    private StateEntry.Progress progress() {
        var epoch = read() + Room.ABSENT;
        var seq = read();
        var version = read();
        var used = read();
        return new StateEntry.Progress(epoch, seq, version, used == 0 ? 0 : epoch + unzigzag(used - 1));
    }

    /** Maps signed numbers close to zero to small unsigned ones. */
    private static long zigzag(long number) {
        return (number << 1) ^ (number >> 63);
    }

    private static long unzigzag(long number) {
        return (number >>> 1) ^ -(number & 1);
    }

    private static void write(ByteArrayOutputStream out, long number) {
        var remaining = number;
        while ((remaining & ~0x7fL) != 0) {
            out.write((int) ((remaining & 0x7f) | 0x80));
            remaining >>>= 7;
        }
        out.write((int) remaining);
    }

    private long read() {
        var number = 0L;
        for (var shift = 0;; shift += 7) {
            var next = bytes[position++];
            number |= (long) (next & 0x7f) << shift;
            if (next >= 0) return number;
        }
    }
}
