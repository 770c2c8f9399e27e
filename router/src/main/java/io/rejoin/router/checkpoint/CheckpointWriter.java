package io.rejoin.router.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Commits the checkpoints of one shard, each in one transaction. Opening a writer fences every other writer of the
 * shard.
 */
public final class CheckpointWriter implements AutoCloseable {
    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final int partition;

    /**
     * Fences the previous writer, and waits until its open transaction is committed or aborted. Closes the producer if
     * that fails.
     *
     * @param topic of the states
     */
    public CheckpointWriter(Producer<byte[], byte[]> producer, String topic, int partition) {
        this.producer = producer;
        this.topic = topic;
        this.partition = partition;
        try {
            producer.initTransactions();
        } catch (RuntimeException e) {
            // an open producer would go on retrying, and could later fence the writer that has succeeded
            // meanwhile
            close();
            throw e;
        }
    }

    /**
     * Commits the changed entries together with the position that they belong to.
     *
     * @param position where the shard continues; Kafka has acknowledged all outputs of earlier commands
     * @throws org.apache.kafka.common.errors.ProducerFencedException when another router owns the shard now
     */
    public void commit(StateCodec.Position position, Stream<StateEntry> changes) {
        producer.beginTransaction();
        changes.forEachOrdered(entry -> send(StateCodec.key(entry), StateCodec.value(entry)));
        send(StateCodec.POSITION, StateCodec.position(position));
        producer.commitTransaction();
    }

    private void send(String key, byte @Nullable [] value) {
        var _ = producer.send(new ProducerRecord<>(topic, partition, key.getBytes(UTF_8), value));
    }

    /** Closes at once. The next writer aborts an open transaction when it fences this one. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
