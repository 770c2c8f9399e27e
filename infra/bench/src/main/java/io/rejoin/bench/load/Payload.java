package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Bytes of a received message, in a buffer that is reused. Valid only until the method that received it returns. */
public final class Payload {
    /** Result of {@link #find} when the pattern does not occur. */
    public static final int NONE = -1;

    private final byte[] bytes;
    private final int from;
    private final int to;

    /** A part of a buffer; {@code to} is the position after the last byte. */
    Payload(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /** A payload with the text, for tests and rare messages. */
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

    /** Whether the pattern stands at that position of the buffer. */
    public boolean isAt(int at, byte[] pattern) {
        if (at + pattern.length > to) return false;
        for (var i = 0; i < pattern.length; i++) if (bytes[at + i] != pattern[i]) return false;
        return true;
    }

    /** The position in the buffer after the first occurrence of the pattern, or {@link #NONE}. */
    public int find(byte[] pattern) {
        return find(pattern, from);
    }

    /** Like {@link #find(byte[])}, but searches from position {@code start}. */
    public int find(byte[] pattern, int start) {
        var first = pattern[0];
        for (var at = start; at <= to - pattern.length; at++)
            if (bytes[at] == first && isAt(at, pattern)) return at + pattern.length;
        return NONE;
    }

    /**
     * Parses the whole number at that position of the buffer; 0 if there is no digit, or the position is {@link #NONE}.
     */
    public long number(int at) {
        if (at == NONE) return 0;
        var number = 0L;
        for (var i = at; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) number = 10 * number + bytes[i] - '0';
        return number;
    }

    /** The text from that position of the buffer up to the next of these two characters, or up to the end. */
    public String until(int at, char end, char otherEnd) {
        var stop = at;
        while (stop < to && bytes[stop] != end && bytes[stop] != otherEnd) stop++;
        return new String(bytes, at, stop - at, UTF_8);
    }

    /** A part of this payload, by positions of the buffer. */
    public Payload part(int start, int end) {
        return new Payload(bytes, start, end);
    }

    public String string() {
        return new String(bytes, from, to - from, UTF_8);
    }
}
