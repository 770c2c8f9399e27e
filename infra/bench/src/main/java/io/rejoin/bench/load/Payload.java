package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Bytes of a received message, in a buffer that is used again: good only until the call that got it returns. */
public final class Payload {
    /** What {@link #find} answers when there is nothing. */
    public static final int NONE = -1;

    private final byte[] bytes;
    private final int from;
    private final int to;

    /** A part of a buffer; {@code to} is behind the last byte. */
    Payload(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /** A whole string, for tests and rare messages. */
    public static Payload of(String text) {
        var bytes = text.getBytes(UTF_8);
        return new Payload(bytes, 0, bytes.length);
    }

    /** The buffer itself, not a copy: this is called a million times a second. */
    byte[] bytes() {
        return bytes;
    }

    public int from() {
        return from;
    }

    public int to() {
        return to;
    }

    public boolean startsWith(byte[] pattern) {
        return isAt(from, pattern);
    }

    /** Whether these bytes stand at that place of the buffer. */
    public boolean isAt(int at, byte[] pattern) {
        if (at + pattern.length > to) return false;
        for (var i = 0; i < pattern.length; i++) if (bytes[at + i] != pattern[i]) return false;
        return true;
    }

    /** Behind the first place where these bytes stand, counted in the buffer, or {@link #NONE}. */
    public int find(byte[] pattern) {
        return find(pattern, from);
    }

    /** The same, not before {@code start}. */
    public int find(byte[] pattern, int start) {
        var first = pattern[0];
        for (var at = start; at <= to - pattern.length; at++)
            if (bytes[at] == first && isAt(at, pattern)) return at + pattern.length;
        return NONE;
    }

    /** The whole number that begins at that place of the buffer; 0 if no digit is there, or the place is {@link #NONE}. */
    public long number(int at) {
        if (at == NONE) return 0;
        var number = 0L;
        for (var i = at; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) number = 10 * number + bytes[i] - '0';
        return number;
    }

    /** What stands between that place of the buffer and the next of these two characters, or the end. */
    public String until(int at, char end, char otherEnd) {
        var stop = at;
        while (stop < to && bytes[stop] != end && bytes[stop] != otherEnd) stop++;
        return new String(bytes, at, stop - at, UTF_8);
    }

    /** A part of it, by places of the buffer. */
    public Payload part(int start, int end) {
        return new Payload(bytes, start, end);
    }

    public String string() {
        return new String(bytes, from, to - from, UTF_8);
    }
}
