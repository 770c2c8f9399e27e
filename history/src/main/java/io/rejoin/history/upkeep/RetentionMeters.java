package io.rejoin.history.upkeep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.history.store.Expiry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Metrics of retention. Only the job's thread updates them; any thread may read them. */
final class RetentionMeters {
    private final Counter deletedMessages;
    private volatile double overdueSeconds;
    private volatile double oldestAgeSeconds = Double.NaN;

    RetentionMeters(MeterRegistry registry) {
        deletedMessages = Counter.builder("rejoin.history.expired").baseUnit("messages")
                .description("Messages that this instance deleted because their retention was over")
                .register(registry);
        Gauge.builder("rejoin.history.retention.behind", () -> overdueSeconds).baseUnit("seconds")
                .description("How long the next messages to delete have been due").register(registry);
        Gauge.builder("rejoin.history.retention.oldest", () -> oldestAgeSeconds).baseUnit("seconds")
                .description("Age of the oldest message in the room that is due next; NaN if no room is due")
                .register(registry);
    }

    void countDeleted(int messages) {
        deletedMessages.increment(messages);
    }

    void update(Expiry.@Nullable NextDue nextDue) {
        overdueSeconds = nextDue == null ? 0 : seconds(nextDue.overdue());
        oldestAgeSeconds = nextDue == null || nextDue.oldest() == null ? Double.NaN : seconds(nextDue.oldest());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
