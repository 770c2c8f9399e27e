package io.rejoin.router.kafka;

import io.micrometer.core.instrument.Counter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** A counter for each case of a sealed type. A new case gets a counter without a change here. */
final class ByKind<T> {
    private final Map<Class<?>, Counter> counters = new HashMap<>();

    /**
     * Creates all counters.
     *
     * @param counter creates the counter of a case; gets its name, such as {@code message_posted}
     */
    ByKind(Class<T> sealed, Function<String, Counter> counter) {
        add(sealed, counter);
    }

    private void add(Class<?> type, Function<String, Counter> counter) {
        if (!type.isSealed()) counters.put(type, counter.apply(name(type)));
        else
            for (var kind : type.getPermittedSubclasses()) add(kind, counter);
    }

    private static String name(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    void count(T value) {
        var counter = counters.get(value.getClass());
        if (counter != null) counter.increment();
    }
}
