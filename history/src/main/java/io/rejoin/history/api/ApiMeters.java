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
        /** The tail in memory. */
        TAIL, DATABASE
    }

    private final Map<Source, Counter> pages = new EnumMap<>(Source.class);
    private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);

    /** @param waiters the number of requests that wait for a message now */
    ApiMeters(MeterRegistry registry, IntSupplier waiters) {
        for (var source : Source.values()) {
            pages.put(source, Counter.builder("rejoin.history.pages").baseUnit("pages").tag("source", name(source))
                    .description("Pages served, by source").register(registry));
        }
        for (var refusal : Refusal.values()) {
            refusals.put(refusal,
                    Counter.builder("rejoin.history.refused.requests").baseUnit("requests").tag("code", name(refusal))
                            .description("Refused requests for messages").register(registry));
        }
        Gauge.builder("rejoin.history.waiting.requests", waiters::getAsInt).baseUnit("requests")
                .description("Requests that wait for a message").register(registry);
    }

    void served(Source source) {
        increment(pages.get(source));
    }

    void refused(Refusal refusal) {
        increment(refusals.get(refusal));
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) counter.increment();
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
