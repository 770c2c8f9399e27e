package io.rejoin.router.core;

import java.util.HashMap;
import java.util.Map;

/** One object for all that are equal, as long as somebody holds it: what is held often takes memory once. */
final class Pool<T> {
    private static final class Held<T> {
        final T value;
        int holders;

        Held(T value) {
            this.value = value;
        }
    }

    private final Map<T, Held<T>> all = new HashMap<>();

    /** The one to hold, from now until it is given back. */
    T take(T value) {
        var held = all.computeIfAbsent(value, Held::new);
        held.holders++;
        return held.value;
    }

    /** One holder fewer. */
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
