package io.rejoin.router.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class LogClockTest {
    private final AtomicLong stopwatch = new AtomicLong(-5_000_000);
    private final LogClock clock = new LogClock(stopwatch::get);

    @Test
    void theTimeIsUnknownUntilARecordHasABrokerTimestamp() {
        assertThat(clock.now()).isEmpty();
        clock.update(record(1_000, TimestampType.CREATE_TIME));
        assertThat(clock.now()).isEmpty();
    }

    @Test
    void itContinuesFromTheLastTimestampRead() {
        clock.update(record(1_000, TimestampType.LOG_APPEND_TIME));
        assertThat(clock.now()).hasValue(1_000);
        stopwatch.addAndGet(250_000_000);
        assertThat(clock.now()).hasValue(1_250);
        clock.update(record(1_240, TimestampType.LOG_APPEND_TIME));
        assertThat(clock.now()).hasValue(1_240);
    }

    private static ConsumerRecord<byte[], byte[]> record(long ts, TimestampType type) {
        return new ConsumerRecord<>("topic", 0, 0, ts, type, 0, 0, new byte[0], new byte[0], new RecordHeaders(),
                Optional.empty());
    }
}
