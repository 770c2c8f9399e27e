package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.LogCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records of {@code rejoin.dead-letters}. */
final class DeadLetter {
    /** Most letters that one record of commands becomes; the last of them keeps what is left. */
    static final int MOST = 100;
    /** What surrounds a record's value is kept with each of its letters, unless it is larger than this, in bytes. */
    private static final int SURROUNDINGS = 10_000;
    /** The most that the lengths around a header's name and value take. */
    private static final int HEADER_BYTES = 10;

    private DeadLetter() {}

    /** Keeps a record as it is, where from and why; of one too large to send, only the latter two. */
    static ProducerRecord<byte[], byte[]> of(String topic, ConsumerRecord<byte[], byte[]> record, String reason) {
        return letter(topic, record, record.value(), reason);
    }

    /**
     * Keeps some commands of a record, each in a letter of its own: a record of commands again, with where it stood.
     *
     * @param topic   of the letters
     * @param reasons by index in the record, in that order
     */
    static List<ProducerRecord<byte[], byte[]>> of(String topic, ConsumerRecord<byte[], byte[]> record,
            SequencedMap<Integer, String> reasons) {
        var most = surroundings(record) <= SURROUNDINGS ? MOST : 1;
        var indexes = List.copyOf(reasons.keySet());
        var letters = new ArrayList<ProducerRecord<byte[], byte[]>>();
        for (var i = 0; i < indexes.size() && i < most; i++) {
            var last = i == most - 1 ? indexes.size() : i + 1;
            var index = indexes.get(i);
            var more = last - i == 1 ? "" : "; and " + (last - i - 1) + " more of that record";
            var letter = letter(topic, record, LogCodec.only(record.value(), indexes.subList(i, last)),
                    reasons.get(index) + more);
            letter.headers().add(Topics.DEAD_LETTER_INDEX, Integer.toString(index).getBytes(UTF_8));
            letters.add(letter);
        }
        return letters;
    }

    private static ProducerRecord<byte[], byte[]> letter(String topic, ConsumerRecord<byte[], byte[]> record,
            byte[] value,
            String reason) {
        var fits = surroundings(record) + (value == null ? 0 : value.length) <= Clients.MAX_VALUE;
        var letter = fits
                ? new ProducerRecord<>(topic, null, record.key(), value, record.headers())
                : new ProducerRecord<byte[], byte[]>(topic, new byte[0]);
        var from = record.topic() + "-" + record.partition() + "@" + record.offset();
        letter.headers().add(Topics.DEAD_LETTER_FROM, from.getBytes(UTF_8));
        letter.headers().add(Topics.DEAD_LETTER_REASON,
                (fits ? reason : reason + "; it is left out, being too large for this topic").getBytes(UTF_8));
        return letter;
    }

    /** Of key and headers, in bytes. Errs towards too much: a letter that Kafka refused would stop the shard for ever. */
    private static long surroundings(ConsumerRecord<byte[], byte[]> record) {
        var size = (long) Math.max(0, record.serializedKeySize());
        for (var header : record.headers()) {
            size += HEADER_BYTES + header.key().getBytes(UTF_8).length
                    + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
