package io.rejoin.e2e.sizing;

import io.rejoin.tools.sizing.Cost;
import io.rejoin.tools.sizing.Costs;
import io.rejoin.tools.sizing.Measured;
import java.io.PrintStream;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Collects the unit costs of a run, and prints each one at once. Not thread-safe. */
final class Found {
    private static final String COMMAND = "infra/sizing";

    private final List<Cost> costs = new ArrayList<>();
    private final PrintStream out;
    private final String on;

    Found(PrintStream out) {
        this.out = out;
        this.on = "%s, %d shared cores, loopback, Java %s, Rejoin 0.1.0".formatted(LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(), Runtime.version().feature());
    }

    void bytes(String name, double value, String what) {
        put(name, value, "bytes", what);
    }

    void micros(String name, double value, String what) {
        put(name, value, "µs", what);
    }

    /** Adds a cost with any unit. */
    void put(String name, double value, String unit, String what) {
        var rounded = Costs.rounded(Math.max(0, value)); // noise may make the difference of two measurements negative
        costs.add(new Cost(name, rounded, unit, what, new Measured(on, COMMAND, List.of(rounded)), null));
        out.printf("%-32s %,14.1f %-8s %s%n", name, value, unit, what);
    }

    Costs costs() {
        return new Costs(costs);
    }
}
