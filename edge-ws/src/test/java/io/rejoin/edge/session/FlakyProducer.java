package io.rejoin.edge.session;

import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A producer whose appends sometimes fail. A failed append may still be in the log, as with Kafka. */
final class FlakyProducer extends MockProducer<byte[], byte[]> {
    private final Random random;
    private final List<Command> log = new ArrayList<>();
    private int failuresInTen;

    FlakyProducer(long seed, int failuresInTen) {
        super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        this.random = new Random(seed);
        this.failuresInTen = failuresInTen;
    }

    synchronized void failuresInTen(int now) {
        failuresInTen = now;
    }

    synchronized List<Command> log() {
        return List.copyOf(log);
    }

    @Override
    public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        var fails = random.nextInt(10) < failuresInTen;
        if (!fails || random.nextBoolean()) log.addAll(commands(record));
        var partition = new TopicPartition(record.topic(), Objects.requireNonNull(record.partition()));
        callback.onCompletion(new RecordMetadata(partition, -1, -1, -1, -1, -1),
                fails ? new TimeoutException("expired") : null);
        return new CompletableFuture<>();
    }

    private static List<Command> commands(ProducerRecord<byte[], byte[]> record) {
        try {
            return LogCodec.commands(record.value());
        } catch (MalformedRecordException e) {
            throw new AssertionError(e);
        }
    }
}
