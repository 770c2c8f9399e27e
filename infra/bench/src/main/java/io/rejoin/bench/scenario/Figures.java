package io.rejoin.bench.scenario;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Result of a scenario: numbers by name, in insertion order. A name ends with its unit where it has one: {@code
 * delivery p99 ms}.
 */
public final class Figures {
    private final Map<String, Double> values = new LinkedHashMap<>();

    /** Adds a count. */
    public Figures put(String name, long count) {
        return put(name, (double) count);
    }

    public Figures put(String name, double value) {
        values.put(name, value);
        return this;
    }

    /** The figure of that name; NaN if there is none. */
    public double get(String name) {
        return values.getOrDefault(name, Double.NaN);
    }

    public Map<String, Double> values() {
        return Collections.unmodifiableMap(values);
    }

    /** The median of each figure, over the runs that have this figure. */
    public static Figures median(List<Figures> runs) {
        var all = new Figures();
        for (var run : runs)
            for (var name : run.values.keySet())
                if (!all.values.containsKey(name)) all.put(name, median(name, runs));
        return all;
    }

    private static double median(String name, List<Figures> runs) {
        var values = runs.stream().map(run -> run.get(name)).filter(value -> !value.isNaN()).sorted().toList();
        if (values.isEmpty()) return Double.NaN;
        var middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }

    /**
     * The parts of the system that have such a figure. For {@code cpu} and {@code µs}, the name {@code cpu kafka µs}
     * gives {@code kafka}.
     */
    public Set<String> parts(String before, String after) {
        var parts = new TreeSet<String>();
        for (var name : values.keySet())
            if (name.startsWith(before + " ") && name.endsWith(" " + after)
                    && name.length() > before.length() + after.length() + 2)
                parts.add(name.substring(before.length() + 1, name.length() - after.length() - 1));
        return parts;
    }
}
