package io.rejoin.simulation;

import java.util.function.Supplier;

/** A promise was broken. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
        super(message);
    }

    /** Throws if it does not hold. */
    static void unless(boolean holds, Supplier<String> message) {
        if (!holds) throw new Violation(message.get());
    }
}
