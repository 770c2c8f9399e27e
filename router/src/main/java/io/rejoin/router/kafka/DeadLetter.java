package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records of {@code rejoin.dead-letters}. */
final class DeadLetter {
    /** The most that the lengths around a header's name and value take. */
    private static final int HEADER_BYTES = 10;

    private DeadLetter() {}

    /** Keeps a record as it is, where from and why; of one too large to send, only the latter two. */
    static ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> record, String reason) {
        var fits = size(record) <= Clients.MAX_VALUE;
        var letter = fits
                ? new ProducerRecord<>(Topics.DEAD_LETTERS, null, record.key(), record.value(), record.headers())
                : new ProducerRecord<byte[], byte[]>(Topics.DEAD_LETTERS, new byte[0]);
        var from = record.topic() + "-" + record.partition() + "@" + record.offset();
        letter.headers().add(Topics.DEAD_LETTER_FROM, from.getBytes(UTF_8));
        letter.headers().add(Topics.DEAD_LETTER_REASON,
                (fits ? reason : reason + "; it is left out, being too large for this topic").getBytes(UTF_8));
        return letter;
    }

    /** Errs towards too much: a letter that Kafka refused would stop the shard for ever. */
    private static long size(ConsumerRecord<byte[], byte[]> record) {
        var size = (long) Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        for (var header : record.headers()) {
            size += HEADER_BYTES + header.key().getBytes(UTF_8).length
                    + (header.value() == null ? 0 : header.value().length);
        }
        return size;
    }
}
