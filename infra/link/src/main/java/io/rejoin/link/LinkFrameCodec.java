package io.rejoin.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Codec of the frames on a stream. A frame is the length of the rest (4 bytes, big-endian), a letter for its kind, and
 * its body. The body is JSON, except for two kinds.
 *
 * <ul>
 * <li>Deliveries: the trace contexts, then the batch.
 * <li>Appended: partition (4 bytes), offset and time (8 bytes each), length of the key (2 bytes), key, trace contexts,
 * value.
 * </ul>
 *
 * <p>Trace contexts are their number (2 bytes); then for each the index (2 bytes), the length (1 byte) and the text.
 */
public final class LinkFrameCodec {
    /** Maximum length of a frame from a router, in bytes; larger than any frame that routers send. */
    static final int MAX_BYTES_FROM_ROUTER = 32 * 1024 * 1024;
    /**
     * Maximum length of a frame from an edge, in bytes. A record of commands is smaller, and so are the positions with
     * the maximum number of shards.
     */
    static final int MAX_BYTES_FROM_EDGE = 1024 * 1024;

    private static final int HEADER_BYTES = 5;
    private static final int MAX_CONTEXT_LENGTH = 255;
    /** Length of the fixed part of an appended frame: partition, offset, time, and the length of the key. */
    private static final int APPENDED_FIXED_BYTES = 22;
    private static final byte[] NO_CONTEXTS = {0, 0};
    private static final byte[] ALIVE = frame('A', new byte[0]);

    private LinkFrameCodec() {}

    /** Encodes a frame. */
    public static byte[] encode(Frame frame) {
        return switch (frame) {
            case Frame.Hello hello -> frame('H', json(hello));
            case Frame.Positions positions -> frame('R', json(positions));
            case Frame.Begins begins -> frame('B', json(begins));
            case Frame.Ends ends -> frame('E', json(ends));
            case Frame.Deliveries deliveries -> deliveries(deliveries);
            case Frame.Appended appended -> appended(appended);
            case Frame.Alive _ -> ALIVE;
        };
    }

    private static byte[] deliveries(Frame.Deliveries deliveries) {
        var contexts = contexts(deliveries.contexts());
        var frame = frame('D', contexts.length + deliveries.value().length);
        ByteBuffer.wrap(frame, HEADER_BYTES, frame.length - HEADER_BYTES).put(contexts).put(deliveries.value());
        return frame;
    }

    private static byte[] appended(Frame.Appended appended) {
        var contexts = contexts(appended.contexts());
        var key = appended.key();
        var frame = frame('P', APPENDED_FIXED_BYTES + key.length + contexts.length + appended.value().length);
        ByteBuffer.wrap(frame, HEADER_BYTES, frame.length - HEADER_BYTES)
                .putInt(appended.partition()).putLong(appended.offset())
                .putLong(appended.ts()).putShort((short) key.length).put(key).put(contexts).put(appended.value());
        return frame;
    }

    private static byte[] contexts(Map<Integer, String> contexts) {
        if (contexts.isEmpty()) return NO_CONTEXTS;
        var bytes = new ByteArrayOutputStream();
        bytes.write(contexts.size() >> 8);
        bytes.write(contexts.size());
        contexts.forEach((index, context) -> {
            var text = context.substring(0, Math.min(MAX_CONTEXT_LENGTH, context.length())).getBytes(US_ASCII);
            bytes.write(index >> 8);
            bytes.write(index);
            bytes.write(text.length);
            bytes.writeBytes(text);
        });
        return bytes.toByteArray();
    }

    private static byte[] frame(char kind, byte[] body) {
        var frame = frame(kind, body.length);
        System.arraycopy(body, 0, frame, HEADER_BYTES, body.length);
        return frame;
    }

    private static byte[] frame(char kind, int bodyLength) {
        var frame = new byte[HEADER_BYTES + bodyLength];
        ByteBuffer.wrap(frame).putInt(bodyLength + 1).put((byte) kind);
        return frame;
    }

    private static byte[] json(Frame frame) {
        try {
            return Json.MAPPER.writeValueAsBytes(frame);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write a frame as JSON: " + frame.getClass(), e);
        }
    }

    /**
     * Reads the next frame. Blocks until it arrives.
     *
     * @return null if the stream ends between two frames
     * @throws IOException if the stream breaks, or carries something other than frames
     */
    public static @Nullable Frame read(InputStream in) throws IOException {
        return read(in, MAX_BYTES_FROM_ROUTER);
    }

    /** Reads the next frame, of at most {@code maxBytes} bytes. */
    static @Nullable Frame read(InputStream in, int maxBytes) throws IOException {
        var first = in.read();
        if (first < 0) return null;
        var data = new DataInputStream(in);
        var length = first << 24 | data.readUnsignedByte() << 16 | data.readUnsignedShort();
        if (length < 1 || length > maxBytes) throw new IOException("invalid length of a frame: " + length + " bytes");
        var kind = (char) data.readUnsignedByte();
        var body = in.readNBytes(length - 1);
        if (body.length < length - 1) throw new EOFException("the stream ended within a frame");
        return decode(kind, body);
    }

    /** Whether the whole next frame is available, so that reading it does not block. The stream must support marks. */
    static boolean hasCompleteFrame(InputStream in) throws IOException {
        if (in.available() < HEADER_BYTES) return false;
        in.mark(Integer.BYTES);
        var length = new DataInputStream(in).readInt();
        in.reset();
        return in.available() - Integer.BYTES >= length;
    }

    private static Frame decode(char kind, byte[] body) throws IOException {
        try {
            return switch (kind) {
                case 'H' -> json(body, Frame.Hello.class);
                case 'R' -> json(body, Frame.Positions.class);
                case 'B' -> json(body, Frame.Begins.class);
                case 'E' -> json(body, Frame.Ends.class);
                case 'D' -> deliveries(ByteBuffer.wrap(body));
                case 'P' -> appended(ByteBuffer.wrap(body));
                case 'A' -> new Frame.Alive();
                default -> throw new IOException("unknown kind of frame: " + (int) kind);
            };
        } catch (RuntimeException e) {
            throw new IOException("cannot read a frame of the kind " + kind, e);
        }
    }

    private static <T> T json(byte[] body, Class<T> type) throws IOException {
        @Nullable
        T read = Json.MAPPER.readValue(body, type);
        if (read == null) throw new IOException("the body of the frame is null");
        return read;
    }

    private static Frame deliveries(ByteBuffer body) {
        var contexts = contexts(body);
        return new Frame.Deliveries(bytes(body, body.remaining()), contexts);
    }

    private static Frame appended(ByteBuffer body) {
        var partition = body.getInt();
        var offset = body.getLong();
        var ts = body.getLong();
        var key = bytes(body, body.getShort() & 0xffff);
        var contexts = contexts(body);
        return new Frame.Appended(partition, offset, ts, key, bytes(body, body.remaining()), contexts);
    }

    private static byte[] bytes(ByteBuffer body, int length) {
        if (length > body.remaining()) throw new IllegalArgumentException("the frame ends too soon");
        var bytes = new byte[length];
        body.get(bytes);
        return bytes;
    }

    private static Map<Integer, String> contexts(ByteBuffer body) {
        var count = body.getShort() & 0xffff;
        Map<Integer, String> contexts = count == 0 ? Map.of() : new HashMap<>();
        for (var n = 0; n < count; n++) {
            var index = body.getShort() & 0xffff;
            var text = new byte[body.get() & 0xff];
            body.get(text);
            contexts.put(index, new String(text, US_ASCII));
        }
        return contexts;
    }
}
