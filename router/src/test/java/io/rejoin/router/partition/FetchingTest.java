package io.rejoin.router.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.router.link.Inlet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class FetchingTest {
    private static final TopicPartition PARTITION = new TopicPartition("commands", 3);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final Fetching fetching = new Fetching(PARTITION, consumer);
    private final AtomicLong nanoTime = new AtomicLong();
    private final List<Long> passedOn = new ArrayList<>();

    FetchingTest() {
        consumer.assign(Set.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.seek(PARTITION, 0);
        consumer.pause(Set.of(PARTITION));
    }

    @Test
    void recordsDroppedWithoutAShardAreFetchedAgain() {
        fetching.start(0);
        append(0, 1);
        fetching.onPolled(poll());
        append(2, 3);
        assertThat(offsets(poll())).as("the shard has failed: nobody takes these").containsExactly(2L, 3L);
        fetching.pause();

        fetching.forgetPosition();
        fetching.start(2);
        append(2, 3); // the mock returns each record only once
        var records = poll();
        assertThat(offsets(records)).containsExactly(2L, 3L);
        assertThat(fetching.onPolled(records)).isEqualTo(2);
    }

    @Test
    void itSeeksBackToTheShardsPosition() {
        fetching.start(0);
        append(0, 1, 2, 3);
        fetching.onPolled(poll());
        fetching.pause();

        fetching.forgetPosition();
        fetching.start(1);
        assertThat(consumer.position(PARTITION)).isEqualTo(1);
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void onlyRecordsThatAreNotAnnouncedAreFetched() {
        var inlet = new Inlet<ConsumerRecord<byte[], byte[]>>(0, ConsumerRecord::offset, _ -> 1, new Shard(),
                nanoTime::get);
        fetching.start(inlet.nextOffset());
        append(0, 1);
        pollIntoInlet(inlet);
        inlet.onAnnounced(record(2));
        startOrPause(inlet);
        assertThat(consumer.paused()).as("edges tell").containsExactly(PARTITION);

        inlet.onAnnounced(record(4)); // 3 is not announced
        nanoTime.addAndGet(Duration.ofMillis(11).toNanos());
        startOrPause(inlet);
        assertThat(consumer.paused()).as("something is missing").isEmpty();
        assertThat(consumer.position(PARTITION)).as("what was told is not fetched").isEqualTo(3);
        append(3, 4, 5);
        pollIntoInlet(inlet);
        assertThat(passedOn).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    }

    private final class Shard implements Inlet.Outlet<ConsumerRecord<byte[], byte[]>> {
        @Override
        public boolean hasSpace() {
            return true;
        }

        @Override
        public void put(List<ConsumerRecord<byte[], byte[]>> records) {
            passedOn.addAll(offsets(records));
        }
    }

    /** Does the same as {@link PartitionSlot}. */
    private void startOrPause(Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        if (inlet.decideFetch(fetching.isOn())) fetching.start(inlet.nextOffset());
        else
            fetching.pause();
    }

    private void pollIntoInlet(Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        var records = poll();
        inlet.onFetched(fetching.onPolled(records), records);
    }

    private void append(long... offsets) {
        for (var offset : offsets) consumer.addRecord(record(offset));
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset) {
        return new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset, new byte[0], new byte[0]);
    }

    private List<ConsumerRecord<byte[], byte[]>> poll() {
        return consumer.poll(Duration.ZERO).records(PARTITION);
    }

    private static List<Long> offsets(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(ConsumerRecord::offset).toList();
    }
}
