package io.rejoin.router.kafka;

import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * The time of the log: what the broker wrote on the last record that was read, and how long ago that was by this machine's
 * stopwatch. No clock of this machine is asked, so that it may be as wrong as it likes. A little behind the broker's own
 * clock, and never ahead of it; it may step back when that does, or when a record was long in coming. Safe for any thread.
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

    /** The time now, in milliseconds since the epoch; empty until a record with a time of the broker was read. */
    public OptionalLong now() {
        var reading = latest;
        if (reading == null) return OptionalLong.empty();
        return OptionalLong.of(reading.ts() + (stopwatch.getAsLong() - reading.nanos()) / 1_000_000);
    }

    /** Takes the time of a record that has just come; a time that a producer gave counts for nothing. */
    void read(ConsumerRecord<?, ?> record) {
        if (record.timestampType() != TimestampType.LOG_APPEND_TIME) return;
        latest = new Reading(record.timestamp(), stopwatch.getAsLong());
    }
}
