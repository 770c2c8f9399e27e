package io.rejoin.router.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** A counter for each case of a sealed type. A new case gets a counter without a change here. */
final class CountersByType<T> {
    private final Map<Class<?>, Counter> counters = new HashMap<>();

    /**
     * Creates all counters.
     *
     * @param counter creates the counter of a case; gets its name, such as {@code message_posted}
     */
    CountersByType(Class<T> sealedType, Function<String, Counter> counter) {
        addCounters(sealedType, counter);
    }

    private void addCounters(Class<?> type, Function<String, Counter> counter) {
        if (!type.isSealed()) counters.put(type, counter.apply(name(type)));
        else
            for (var subtype : type.getPermittedSubclasses()) addCounters(subtype, counter);
    }

    private static String name(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    void count(T value) {
        var counter = counters.get(value.getClass());
        if (counter != null) counter.increment();
    }
}
