package io.rejoin.router.kafka;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What the consumer fetches of one partition: nothing, or all from some offset on. What it has fetched and not brought yet is lost
 * by a seek, so it seeks only where it stands elsewhere. Of the command loop's thread alone.
 */
final class Fetching {
    private static final long UNKNOWN = -1;

    private final TopicPartition partition;
    private final Consumer<byte[], byte[]> consumer;
    private boolean isOn;
    /** Offset of the next record that the consumer brings, where that is known. */
    private long position = UNKNOWN;

    /** The partition must be paused. */
    Fetching(TopicPartition partition, Consumer<byte[], byte[]> consumer) {
        this.partition = partition;
        this.consumer = consumer;
    }

    boolean isOn() {
        return isOn;
    }

    /** Fetches, from there on if it does not do so already. */
    void begin(long next) {
        if (isOn) return;
        if (position != next) consumer.seek(partition, next);
        position = next;
        consumer.resume(Set.of(partition));
        isOn = true;
    }

    void pause() {
        if (isOn) consumer.pause(Set.of(partition));
        isOn = false;
    }

    /** Where the consumer stands is not relied on any more: nobody took what it brought. */
    void forgetPosition() {
        position = UNKNOWN;
    }

    /**
     * The consumer has brought these, at least one.
     *
     * @return offset from which on they were fetched: between there and the first of them the log has nothing
     */
    long brought(List<ConsumerRecord<byte[], byte[]>> records) {
        var from = position;
        position = records.getLast().offset() + 1;
        return from;
    }

    /** The end of the log, as far as a fetch has shown it. */
    OptionalLong end() {
        var left = consumer.currentLag(partition);
        return left.isPresent() && position != UNKNOWN
                ? OptionalLong.of(position + left.getAsLong())
                : OptionalLong.empty();
    }
}
