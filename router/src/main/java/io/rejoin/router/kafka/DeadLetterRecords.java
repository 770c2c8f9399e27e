package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.LogCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Builds the records of {@code rejoin.dead-letters}, called letters. */
public final class DeadLetterRecords {
    /** One command record becomes at most this many letters. The last letter holds all remaining commands. */
    static final int MAX_LETTERS = 100;
    /**
     * Each letter repeats the record's key and headers. If these are larger than this, in bytes, all commands go into
     * one letter.
     */
    private static final int MAX_REPEATED_BYTES = 10_000;
    /** An upper bound for the length fields of a header's name and value. */
    private static final int HEADER_OVERHEAD_BYTES = 10;

    private DeadLetterRecords() {}

    /**
     * A letter that holds the whole record, its origin and the reason. If the record is too large to send, only the
     * origin and the reason.
     */
    public static ProducerRecord<byte[], byte[]> of(String topic, ConsumerRecord<byte[], byte[]> record,
            String reason) {
        return letter(topic, record, record.value(), reason);
    }

    /**
     * Letters that hold some commands of a record, one command each. A letter is itself a command record, with the
     * position of its command in the headers.
     *
     * @param topic   of the letters
     * @param reasons by the command's index in the record, ascending
     */
    public static List<ProducerRecord<byte[], byte[]>> of(String topic, ConsumerRecord<byte[], byte[]> record,
            SequencedMap<Integer, String> reasons) {
        var maxLetters = keyAndHeaderBytes(record) <= MAX_REPEATED_BYTES ? MAX_LETTERS : 1;
        var indexes = List.copyOf(reasons.keySet());
        var letters = new ArrayList<ProducerRecord<byte[], byte[]>>();
        for (var i = 0; i < indexes.size() && i < maxLetters; i++) {
            var end = i == maxLetters - 1 ? indexes.size() : i + 1;
            var index = indexes.get(i);
            var remark = end - i == 1 ? "" : "; and " + (end - i - 1) + " more of that record";
            var letter = letter(topic, record, LogCodec.only(record.value(), indexes.subList(i, end)),
                    reasons.get(index) + remark);
            letter.headers().add(Topics.DEAD_LETTER_INDEX, Integer.toString(index).getBytes(UTF_8));
            letters.add(letter);
        }
        return letters;
    }

    private static ProducerRecord<byte[], byte[]> letter(String topic, ConsumerRecord<byte[], byte[]> record,
            byte[] value,
            String reason) {
        var fits = keyAndHeaderBytes(record) + (value == null ? 0 : value.length) <= KafkaClients.MAX_VALUE_BYTES;
        var letter = fits
                ? new ProducerRecord<>(topic, null, record.key(), value, record.headers())
                : new ProducerRecord<byte[], byte[]>(topic, new byte[0]);
        var origin = record.topic() + "-" + record.partition() + "@" + record.offset();
        letter.headers().add(Topics.DEAD_LETTER_FROM, origin.getBytes(UTF_8));
        letter.headers().add(Topics.DEAD_LETTER_REASON,
                (fits ? reason : reason + "; it is left out, being too large for this topic").getBytes(UTF_8));
        return letter;
    }

    /**
     * The size of key and headers, in bytes. Rather too high than too low: if Kafka refused a letter, the shard could
     * not continue.
     */
    private static long keyAndHeaderBytes(ConsumerRecord<byte[], byte[]> record) {
        var size = (long) Math.max(0, record.serializedKeySize());
        for (var header : record.headers()) {
            size += HEADER_OVERHEAD_BYTES + header.key().getBytes(UTF_8).length
                    + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
