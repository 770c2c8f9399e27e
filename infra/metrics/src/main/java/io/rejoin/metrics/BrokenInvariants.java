package io.rejoin.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Counts violations of invariants: one counter with a label for each kind of invariant. All kinds are registered from
 * the start. Any value above 0 needs a person's attention. Safe for any thread.
 *
 * @param <K> the kinds
 */
public final class BrokenInvariants<K extends Enum<K>> {
    private final Map<K, Counter> counters;

    /** @param service part of the counter's name, {@code rejoin_<service>_broken_invariants_total} */
    public BrokenInvariants(MeterRegistry registry, String service, Class<K> kinds) {
        counters = new EnumMap<>(kinds);
        for (var kind : kinds.getEnumConstants()) {
            counters.put(kind, Counter.builder("rejoin." + service + ".broken.invariants").baseUnit("invariants")
                    .tag("invariant", kind.name().toLowerCase(Locale.ROOT))
                    .description("Broken invariants: each is something that must never happen").register(registry));
        }
    }

    /** Counts one violation. */
    public void count(K kind) {
        count(kind, 1);
    }

    /** Counts several violations. */
    public void count(K kind, int times) {
        var counter = counters.get(kind);
        if (counter != null) counter.increment(times);
    }
}
