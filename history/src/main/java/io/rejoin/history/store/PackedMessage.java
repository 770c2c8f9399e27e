package io.rejoin.history.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages packed into one byte array each. An unpacked message consists of a dozen objects. The garbage collector has
 * to copy every object that lives long, so one array for each message saves it work. An array has the time, the flags,
 * the lengths of user and id, and the bytes of user, id and content. It does not have the seq.
 */
final class PackedMessage {
    private static final int TS_OFFSET = 0;
    private static final int FLAGS_OFFSET = TS_OFFSET + Long.BYTES;
    private static final int USER_LENGTH_OFFSET = FLAGS_OFFSET + Byte.BYTES;
    private static final int ID_LENGTH_OFFSET = USER_LENGTH_OFFSET + Integer.BYTES;
    private static final int HEADER_LENGTH = ID_LENGTH_OFFSET + Integer.BYTES;

    private static final int TEXT_FLAG = 1;
    private static final int ERASED_FLAG = 2;
    private static final int NO_ID = -1;

    /** Bytes beside the array's content: its header, its padding and the reference to it. */
    private static final int OVERHEAD = 32;

    private PackedMessage() {}

    static byte[] pack(StoredMessage message) {
        var user = message.user().key().getBytes(UTF_8);
        var id = message.id() == null ? null : message.id().getBytes(UTF_8);
        var content = message.content();
        var packed = new byte[HEADER_LENGTH + user.length + (id == null ? 0 : id.length) + content.length()];
        var to = ByteBuffer.wrap(packed);
        to.putLong(message.ts());
        to.put((byte) ((content.isText() ? TEXT_FLAG : 0) | (Boolean.TRUE.equals(message.erased()) ? ERASED_FLAG : 0)));
        to.putInt(user.length);
        to.putInt(id == null ? NO_ID : id.length);
        to.put(user);
        if (id != null) to.put(id);
        content.copyTo(packed, to.position());
        return packed;
    }

    static StoredMessage unpack(long seq, byte[] packed) {
        var from = ByteBuffer.wrap(packed);
        var flags = packed[FLAGS_OFFSET];
        var userEnd = HEADER_LENGTH + from.getInt(USER_LENGTH_OFFSET);
        var idLength = from.getInt(ID_LENGTH_OFFSET);
        var idEnd = userEnd + Math.max(0, idLength);
        @Nullable
        String id = idLength == NO_ID ? null : new String(packed, userEnd, idLength, UTF_8);
        var content = new byte[packed.length - idEnd];
        System.arraycopy(packed, idEnd, content, 0, content.length);
        return new StoredMessage(seq, UserId.of(new String(packed, HEADER_LENGTH, userEnd - HEADER_LENGTH, UTF_8)), id,
                Content.known((flags & TEXT_FLAG) != 0, content), ts(packed), (flags & ERASED_FLAG) == 0 ? null : true);
    }

    static long ts(byte[] packed) {
        return ByteBuffer.wrap(packed).getLong(TS_OFFSET);
    }

    /** Estimated bytes in the JSON of a page; equal to {@link MessageSize#of(StoredMessage)}. */
    static int jsonSize(byte[] packed) {
        return MessageSize.OVERHEAD + packed.length - HEADER_LENGTH;
    }

    /** Estimated bytes in memory. */
    static int memorySize(byte[] packed) {
        return OVERHEAD + packed.length;
    }
}
