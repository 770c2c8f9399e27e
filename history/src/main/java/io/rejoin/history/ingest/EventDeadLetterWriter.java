package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes records that cannot be stored to {@code rejoin.dead-letters}. After a crash, a record may be there twice. */
final class EventDeadLetterWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventDeadLetterWriter.class);

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final IngestMeters meters;

    EventDeadLetterWriter(Producer<byte[], byte[]> producer, String topic, IngestMeters meters) {
        this.producer = producer;
        this.topic = topic;
        this.meters = meters;
    }

    /**
     * Sends the records, and returns as soon as Kafka has stored all of them.
     *
     * @throws KafkaException also a {@code RetriableException}, if Kafka does not store a record
     */
    void send(List<PartitionBatch.Entry> entries) {
        var results = new ArrayList<Future<RecordMetadata>>();
        for (var entry : entries) {
            var future = producer.send(toDeadLetter(entry, entry.record().value(), reason(entry)));
            results.add(future);
            // If the topic is unavailable or the buffer is full, send itself has waited for long. Fail now, or every
            // further record would wait as long
            if (future.isDone()) await(future);
        }
        for (var i = 0; i < results.size(); i++) {
            if (!await(results.get(i))) sendWithoutValue(entries.get(i));
        }
        if (entries.isEmpty()) return;
        meters.countDeadLetters(entries.size());
        logDeadLetters(entries);
    }

    /**
     * Sends the record without its value: with the added headers, it is larger than Kafka allows. Its position and the
     * reason are still worth keeping.
     */
    private void sendWithoutValue(PartitionBatch.Entry entry) {
        var reason = reason(entry) + "; its value is left out, it is too large for this topic";
        if (!await(producer.send(toDeadLetter(entry, new byte[0], reason)))) {
            meters.countViolations(HistoryInvariant.LOST_DEAD_LETTER, 1);
            log.atError().addKeyValue("from", origin(entry.record()))
                    .log("a record is skipped: it is too large even for the dead letters");
        }
    }

    /** Waits for the result. Returns false if the record is too large, because no retry can help. */
    private static boolean await(Future<RecordMetadata> result) {
        try {
            result.get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) return false;
            if (e.getCause() instanceof KafkaException cause) throw cause;
            throw new KafkaException("cannot send a dead letter", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private ProducerRecord<byte[], byte[]> toDeadLetter(PartitionBatch.Entry entry, byte[] value,
            String reason) {
        var record = entry.record();
        var deadLetter = new ProducerRecord<>(topic, null, record.key(), value, record.headers());
        deadLetter.headers().add(Topics.DEAD_LETTER_FROM, origin(record).getBytes(UTF_8));
        deadLetter.headers().add(Topics.DEAD_LETTER_REASON, reason.getBytes(UTF_8));
        return deadLetter;
    }

    private static String reason(PartitionBatch.Entry entry) {
        return entry.decoded() instanceof DecodedRecord.Unreadable(var reason) ? reason : "not said";
    }

    private static String origin(ConsumerRecord<byte[], byte[]> record) {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }

    private void logDeadLetters(List<PartitionBatch.Entry> entries) {
        var first = entries.getFirst();
        log.atWarn().addKeyValue("topic", topic).addKeyValue("records", entries.size())
                .addKeyValue("first", origin(first.record()))
                .addKeyValue("reason", reason(first))
                .log("records cannot be stored; history wrote them to the dead letters");
    }

    @Override
    public void close() {
        producer.close();
    }
}
