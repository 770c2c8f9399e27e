package io.rejoin.history.upkeep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.history.store.Expiry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Metrics of retention. Only the job's thread updates them; any thread may read them. */
final class RetentionMeters {
    private final Counter deleted;
    private volatile double behind;
    private volatile double oldest = Double.NaN;

    RetentionMeters(MeterRegistry registry) {
        deleted = Counter.builder("rejoin.history.expired").baseUnit("messages")
                .description("Messages that this instance deleted because their retention was over")
                .register(registry);
        Gauge.builder("rejoin.history.retention.behind", () -> behind).baseUnit("seconds")
                .description("How long the next messages to delete have been due").register(registry);
        Gauge.builder("rejoin.history.retention.oldest", () -> oldest).baseUnit("seconds")
                .description("Age of the oldest message in the room that is due next; NaN if no room is due")
                .register(registry);
    }

    void deleted(int messages) {
        deleted.increment(messages);
    }

    void next(Expiry.@Nullable Next next) {
        behind = next == null ? 0 : seconds(next.behind());
        oldest = next == null || next.oldest() == null ? Double.NaN : seconds(next.oldest());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
