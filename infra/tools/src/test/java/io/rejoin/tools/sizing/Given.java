package io.rejoin.tools.sizing;

import java.time.Duration;
import java.util.Map;

/** Simple demands, machines and costs for tests. */
final class Given {
    static final double GIB = 1L << 30;

    private static final Costs KNOWN = Costs.known();

    private Given() {}

    /** Costs that are all 0, except for the given ones. */
    static Costs costs(Map<String, Double> values) {
        values.keySet().forEach(KNOWN::get);
        return new Costs(KNOWN.all().stream()
                .map(cost -> new Cost(cost.name(), values.getOrDefault(cost.name(), 0.0), cost.unit(), cost.what(),
                        cost.measured(), cost.assumed()))
                .toList());
    }

    /**
     * A demand with rooms of ten members, no personal rooms, and messages of 64 bytes. Each connection is in one room.
     */
    static Demand demand(double connections, double posts) {
        return new Demand(connections, 10, 10, 1, false, false, 0, posts, 10, 64, Duration.ofHours(1),
                new Demand.Storm(0.5, Duration.ofSeconds(50)), new Demand.Kept(Duration.ofDays(7),
                        Duration.ofDays(30), Duration.ofDays(100)));
    }

    static Machines machines() {
        return new Machines(2, GIB, 1, GIB, 100_000, 1_000_000, 125e6, 3, 3, 0.5, 0.5, 0.5);
    }
}
