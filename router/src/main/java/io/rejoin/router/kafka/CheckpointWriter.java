package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Commits the checkpoints of one shard, each in one transaction. To open it fences every other writer of the shard. */
final class CheckpointWriter implements AutoCloseable {
    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final int partition;

    /**
     * Fences, and waits until what the fenced one had begun is decided. Closes the producer if that fails.
     *
     * @param topic of the states
     */
    CheckpointWriter(Producer<byte[], byte[]> producer, String topic, int partition) {
        this.producer = producer;
        this.topic = topic;
        this.partition = partition;
        try {
            producer.initTransactions();
        } catch (RuntimeException e) {
            close(); // left open it would go on trying, and one day fence whoever has succeeded meanwhile
            throw e;
        }
    }

    /**
     * Commits what has changed, with the position it belongs to.
     *
     * @param position where the shard goes on; all outputs below are acknowledged
     * @throws org.apache.kafka.common.errors.ProducerFencedException when another router owns the shard now
     */
    void commit(StateCodec.Position position, Stream<StateEntry> changes) {
        producer.beginTransaction();
        changes.forEachOrdered(entry -> send(StateCodec.key(entry), StateCodec.value(entry)));
        send(StateCodec.POSITION, StateCodec.position(position));
        producer.commitTransaction();
    }

    private void send(String key, byte @Nullable [] value) {
        var _ = producer.send(new ProducerRecord<>(topic, partition, key.getBytes(UTF_8), value));
    }

    /** At once: a transaction that is open is aborted by whoever fences this. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
