package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Rules for records in topics: the partition of a room, and the headers of a dead letter. These rules do not depend on
 * the topics' names, which {@link TopicNames} has.
 */
public final class Topics {
    /** Header of a dead letter: position of the original record, {@code topic-partition@offset}. */
    public static final String DEAD_LETTER_FROM = "rejoin-from";
    /** Header of a dead letter: the reason. */
    public static final String DEAD_LETTER_REASON = "rejoin-reason";
    /** Header of a dead letter that holds one command of a record: the index of the command, counted from 0. */
    public static final String DEAD_LETTER_INDEX = "rejoin-index";

    private Topics() {}

    /**
     * The partition of a room in {@code commands}, {@code events} and {@code state}. It is the same as that of Kafka's
     * default partitioner for the room's key. So any client library finds a room without this code.
     */
    public static int partition(RoomId room, int partitions) {
        return (murmur2(room.key().getBytes(UTF_8)) & 0x7fffffff) % partitions;
    }

    /** MurmurHash2, 32 bits, with the seed Kafka uses. */
    private static int murmur2(byte[] bytes) {
        var m = 0x5bd1e995;
        var h = 0x9747b28c ^ bytes.length;
        var whole = bytes.length & ~3;
        for (var i = 0; i < whole; i += 4) {
            var k = (bytes[i] & 0xff) | (bytes[i + 1] & 0xff) << 8 | (bytes[i + 2] & 0xff) << 16
                    | (bytes[i + 3] & 0xff) << 24;
            k *= m;
            k ^= k >>> 24;
            k *= m;
            h = (h * m) ^ k;
        }
        var rest = bytes.length - whole;
        if (rest >= 3) h ^= (bytes[whole + 2] & 0xff) << 16;
        if (rest >= 2) h ^= (bytes[whole + 1] & 0xff) << 8;
        if (rest >= 1) {
            h ^= bytes[whole] & 0xff;
            h *= m;
        }
        h ^= h >>> 13;
        h *= m;
        return h ^ (h >>> 15);
    }
}
