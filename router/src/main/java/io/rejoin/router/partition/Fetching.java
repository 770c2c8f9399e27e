package io.rejoin.router.partition;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Starts and stops the fetching of one partition: the consumer fetches nothing, or everything from an offset on. A seek
 * discards records that are fetched but not returned by a poll yet. So this class seeks only when the consumer is at
 * another position. Used only by the command loop's thread.
 */
final class Fetching {
    private static final long UNKNOWN_OFFSET = -1;

    private final TopicPartition partition;
    private final Consumer<byte[], byte[]> consumer;
    private boolean isOn;
    /** The offset of the next record that a poll returns, if known. */
    private long position = UNKNOWN_OFFSET;

    /** Starts with fetching off. The caller must have paused the partition. */
    Fetching(TopicPartition partition, Consumer<byte[], byte[]> consumer) {
        this.partition = partition;
        this.consumer = consumer;
    }

    boolean isOn() {
        return isOn;
    }

    /** Starts to fetch from this offset; does nothing if it is fetching already. */
    void start(long nextOffset) {
        if (isOn) return;
        if (position != nextOffset) consumer.seek(partition, nextOffset);
        position = nextOffset;
        consumer.resume(Set.of(partition));
        isOn = true;
    }

    void pause() {
        if (isOn) consumer.pause(Set.of(partition));
        isOn = false;
    }

    /** Forgets the consumer's position, because records that a poll returned were dropped. */
    void forgetPosition() {
        position = UNKNOWN_OFFSET;
    }

    /**
     * Updates the position after a poll that returned these records, at least one.
     *
     * @return offset at which their fetch started; the log holds no records between there and the first of them
     */
    long onPolled(List<ConsumerRecord<byte[], byte[]>> records) {
        var from = position;
        position = records.getLast().offset() + 1;
        return from;
    }

    /** The end of the log, as of the latest fetch; empty if not known. */
    OptionalLong endOffset() {
        var lag = consumer.currentLag(partition);
        return lag.isPresent() && position != UNKNOWN_OFFSET
                ? OptionalLong.of(position + lag.getAsLong())
                : OptionalLong.empty();
    }
}
