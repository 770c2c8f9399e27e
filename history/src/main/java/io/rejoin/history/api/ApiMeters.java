package io.rejoin.history.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Metrics of the requests for messages. Safe for any thread. */
final class ApiMeters {
    /** The reason why a request got no page. */
    enum Refusal {
        UNAUTHORIZED, INVALID_PARAMETER, OVERLOADED, UNAVAILABLE, INTERNAL
    }

    /** The source of a page. */
    enum Source {
        /** The recent messages in memory. */
        TAIL, DATABASE
    }

    private final Map<Source, Counter> pageCounters = new EnumMap<>(Source.class);
    private final Map<Refusal, Counter> refusalCounters = new EnumMap<>(Refusal.class);

    /** @param waiters the number of requests that wait for a message now */
    ApiMeters(MeterRegistry registry, IntSupplier waiters) {
        for (var source : Source.values()) {
            pageCounters.put(source, Counter.builder("rejoin.history.pages").baseUnit("pages")
                    .tag("source", tagValue(source)).description("Pages served, by source").register(registry));
        }
        for (var refusal : Refusal.values()) {
            refusalCounters.put(refusal,
                    Counter.builder("rejoin.history.refused.requests").baseUnit("requests")
                            .tag("code", tagValue(refusal)).description("Refused requests for messages")
                            .register(registry));
        }
        Gauge.builder("rejoin.history.waiting.requests", waiters::getAsInt).baseUnit("requests")
                .description("Requests that wait for a message").register(registry);
    }

    void countPage(Source source) {
        increment(pageCounters.get(source));
    }

    void countRefusal(Refusal refusal) {
        increment(refusalCounters.get(refusal));
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) counter.increment();
    }

    private static String tagValue(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
