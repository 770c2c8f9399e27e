package io.rejoin.simulation;

import java.util.function.Supplier;

/** Thrown when a guarantee does not hold. The message says which one. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
        super(message);
    }

    /** Throws a violation if the condition does not hold. */
    static void unless(boolean holds, Supplier<String> message) {
        if (!holds) throw new Violation(message.get());
    }
}
