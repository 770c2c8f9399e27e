package io.rejoin.router.liveness;

import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Estimates log time: the broker's timestamp of the last record read, plus the time since then by this machine's
 * stopwatch. This machine's wall clock is not used, so it may be wrong. Log time is a little behind the broker's clock,
 * and never ahead of it. It may step back when the broker's clock does, or when a record took long to arrive. Safe for
 * any thread.
 */
public final class LogClock {
    private record Reading(long ts, long nanos) {}

    private final LongSupplier stopwatch;
    private volatile @Nullable Reading latest;

    public LogClock() {
        this(System::nanoTime);
    }

    LogClock(LongSupplier stopwatch) {
        this.stopwatch = stopwatch;
    }

    /** The current log time, in milliseconds since the epoch; empty until a record with a broker timestamp was read. */
    public OptionalLong now() {
        var reading = latest;
        if (reading == null) return OptionalLong.empty();
        return OptionalLong.of(reading.ts() + (stopwatch.getAsLong() - reading.nanos()) / 1_000_000);
    }

    /** Takes the timestamp of a record that has just been read. Ignores timestamps that a producer set. */
    public void update(ConsumerRecord<?, ?> record) {
        if (record.timestampType() != TimestampType.LOG_APPEND_TIME) return;
        latest = new Reading(record.timestamp(), stopwatch.getAsLong());
    }
}
