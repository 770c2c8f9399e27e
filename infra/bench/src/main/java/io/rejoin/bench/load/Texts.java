package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The texts of posts: a mark, then the room and the post's number at fixed positions, then filler. They can be found in
 * a message of any protocol without parsing it. {@link Schedule} computes from the number when the post was due.
 */
final class Texts {
    /** Length of a text in bytes: a short chat line. */
    static final int LENGTH = 80;
    private static final byte[] MARK = "~rj~".getBytes(US_ASCII);
    private static final int ROOM = 6;
    private static final int NUMBER = 9;
    private static final String FILLING = "~" + "abcdefghijklmnopqrstuvwxyz".repeat(3);

    private Texts() {}

    static String of(int room, int number) {
        var text = new StringBuilder(LENGTH).append("~rj~");
        digits(text, room, ROOM);
        digits(text, number, NUMBER);
        return text.append(FILLING, 0, LENGTH - text.length()).toString();
    }

    private static void digits(StringBuilder text, int value, int count) {
        var digits = Integer.toString(value);
        text.repeat('0', count - digits.length()).append(digits);
    }

    /** The position of the room's digits, for {@link #room} and {@link #number}; or {@link Payload#NONE}. */
    static int find(Payload message) {
        var at = message.find(MARK);
        return at + ROOM + NUMBER > message.to() ? Payload.NONE : at;
    }

    static int room(Payload message, int at) {
        return value(message.bytes(), at, ROOM);
    }

    static int number(Payload message, int at) {
        return value(message.bytes(), at + ROOM, NUMBER);
    }

    private static int value(byte[] bytes, int from, int count) {
        var value = 0;
        for (var i = from; i < from + count; i++) value = 10 * value + bytes[i] - '0';
        return value;
    }
}
