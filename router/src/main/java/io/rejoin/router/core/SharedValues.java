package io.rejoin.router.core;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares one object among equal values and counts its holders, so that a value with many holders takes memory only
 * once.
 */
final class SharedValues<T> {
    private static final class Held<T> {
        final T value;
        int holders;

        Held(T value) {
            this.value = value;
        }
    }

    private final Map<T, Held<T>> all = new HashMap<>();

    /** Returns the shared object and counts one more holder. The caller returns it with {@link #giveBack}. */
    T take(T value) {
        var held = all.computeIfAbsent(value, Held::new);
        held.holders++;
        return held.value;
    }

    /** Counts one holder fewer; the last one removes the value. */
    void giveBack(T value) {
        all.computeIfPresent(value, (_, held) -> --held.holders == 0 ? null : held);
    }

    boolean holds(T value) {
        return all.containsKey(value);
    }

    int size() {
        return all.size();
    }
}
