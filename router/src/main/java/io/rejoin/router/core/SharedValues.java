package io.rejoin.router.core;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares one object among equal values and counts its holders, so that a value with many holders takes memory only
 * once.
 */
final class SharedValues<T> {
    private static final class Shared<T> {
        final T value;
        int holders;

        Shared(T value) {
            this.value = value;
        }
    }

    private final Map<T, Shared<T>> all = new HashMap<>();

    /** Returns the shared object and counts one more holder. The caller returns it with {@link #release}. */
    T acquire(T value) {
        var shared = all.computeIfAbsent(value, Shared::new);
        shared.holders++;
        return shared.value;
    }

    /** Counts one holder fewer; the last one removes the value. */
    void release(T value) {
        all.computeIfPresent(value, (_, shared) -> --shared.holders == 0 ? null : shared);
    }

    boolean contains(T value) {
        return all.containsKey(value);
    }

    int size() {
        return all.size();
    }
}
