package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OffsetReporterTest {
    private final List<Map<TopicPartition, OffsetAndMetadata>> announced = new ArrayList<>();
    private @Nullable Exception failure;
    private final OffsetReporter tools = new OffsetReporter(new MockConsumer<byte[], byte[]>("none") {
        @Override
        public synchronized void commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets,
                OffsetCommitCallback callback) {
            announced.add(offsets);
            callback.onComplete(offsets, failure);
        }
    });

    @Test
    void whatHasNotChangedIsNotToldAgain() {
        tools.tell(at(1));
        tools.tell(at(1));
        tools.tell(at(2));
        tools.tell(at(2));
        tools.tell(Map.of());

        assertThat(announced).containsExactly(at(1), at(2));
    }

    @Test
    void whatCouldNotBeToldIsToldTheNextTime() {
        failure = new RebalanceInProgressException();
        tools.tell(at(1));
        failure = null;
        tools.tell(at(1));
        tools.tell(at(1));

        assertThat(announced).containsExactly(at(1), at(1));
    }

    private static Map<TopicPartition, OffsetAndMetadata> at(long offset) {
        return Map.of(new TopicPartition("rejoin.commands", 3), new OffsetAndMetadata(offset));
    }
}
