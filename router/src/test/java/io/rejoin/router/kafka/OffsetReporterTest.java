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
    private final List<Map<TopicPartition, OffsetAndMetadata>> commits = new ArrayList<>();
    private @Nullable Exception failure;
    private final OffsetReporter reporter = new OffsetReporter(new MockConsumer<byte[], byte[]>("none") {
        @Override
        public synchronized void commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets,
                OffsetCommitCallback callback) {
            commits.add(offsets);
            callback.onComplete(offsets, failure);
        }
    });

    @Test
    void unchangedOffsetsAreNotCommittedAgain() {
        reporter.report(offsets(1));
        reporter.report(offsets(1));
        reporter.report(offsets(2));
        reporter.report(offsets(2));
        reporter.report(Map.of());

        assertThat(commits).containsExactly(offsets(1), offsets(2));
    }

    @Test
    void afterAFailureTheOffsetsAreCommittedAgain() {
        failure = new RebalanceInProgressException();
        reporter.report(offsets(1));
        failure = null;
        reporter.report(offsets(1));
        reporter.report(offsets(1));

        assertThat(commits).containsExactly(offsets(1), offsets(1));
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(long offset) {
        return Map.of(new TopicPartition("rejoin.commands", 3), new OffsetAndMetadata(offset));
    }
}
