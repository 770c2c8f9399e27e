package io.rejoin.e2e.check;

import java.util.Map;
import java.util.TreeMap;

/** Counters by a name for people. */
final class Counts {
    private final Map<String, Long> counts = new TreeMap<>();

    void count(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    void set(String what, long count) {
        counts.put(what, count);
    }

    long of(String what) {
        return counts.getOrDefault(what, 0L);
    }

    Map<String, Long> all() {
        return counts;
    }
}
