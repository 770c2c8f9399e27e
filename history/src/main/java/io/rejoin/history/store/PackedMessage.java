package io.rejoin.history.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages packed into one byte array each. An unpacked message consists of a dozen objects. The garbage collector has
 * to copy every object that lives long, so one array for each message saves it work. An array has the time, the kind,
 * the lengths of user and id, and the bytes of user, id and content. It does not have the seq.
 */
final class PackedMessage {
    private static final int TS = 0;
    private static final int KIND = TS + Long.BYTES;
    private static final int USER = KIND + Byte.BYTES;
    private static final int ID = USER + Integer.BYTES;
    private static final int HEAD = ID + Integer.BYTES;

    private static final int TEXT = 1;
    private static final int ERASED = 2;
    private static final int NO_ID = -1;

    /** Bytes beside the array's content: its header, its padding and the reference to it. */
    private static final int AROUND = 32;

    private PackedMessage() {}

    static byte[] pack(StoredMessage message) {
        var user = message.user().key().getBytes(UTF_8);
        var id = message.id() == null ? null : message.id().getBytes(UTF_8);
        var content = message.content();
        var packed = new byte[HEAD + user.length + (id == null ? 0 : id.length) + content.length()];
        var to = ByteBuffer.wrap(packed);
        to.putLong(message.ts());
        to.put((byte) ((content.isText() ? TEXT : 0) | (Boolean.TRUE.equals(message.erased()) ? ERASED : 0)));
        to.putInt(user.length);
        to.putInt(id == null ? NO_ID : id.length);
        to.put(user);
        if (id != null) to.put(id);
        content.copyTo(packed, to.position());
        return packed;
    }

    static StoredMessage unpack(long seq, byte[] packed) {
        var from = ByteBuffer.wrap(packed);
        var kind = packed[KIND];
        var userEnd = HEAD + from.getInt(USER);
        var idLength = from.getInt(ID);
        var idEnd = userEnd + Math.max(0, idLength);
        @Nullable
        String id = idLength == NO_ID ? null : new String(packed, userEnd, idLength, UTF_8);
        var content = new byte[packed.length - idEnd];
        System.arraycopy(packed, idEnd, content, 0, content.length);
        return new StoredMessage(seq, UserId.of(new String(packed, HEAD, userEnd - HEAD, UTF_8)), id,
                Content.known((kind & TEXT) != 0, content), ts(packed), (kind & ERASED) == 0 ? null : true);
    }

    static long ts(byte[] packed) {
        return ByteBuffer.wrap(packed).getLong(TS);
    }

    /** Estimated bytes in the JSON of a page; equal to {@link MessageSize#of(StoredMessage)}. */
    static int size(byte[] packed) {
        return MessageSize.AROUND + packed.length - HEAD;
    }

    /** Estimated bytes in memory. */
    static int heap(byte[] packed) {
        return AROUND + packed.length;
    }
}
