package io.rejoin.bench.scenario;

import java.util.List;
import java.util.stream.Collectors;

/** All scenarios, in the order in which they run by default. */
public final class Scenarios {
    private static final PopulationSize GROUPS = new PopulationSize(100, 10);
    private static final PopulationSize PAIRS = new PopulationSize(1_000, 2);
    private static final PopulationSize ONE = new PopulationSize(1, 1_000);

    public static final List<Scenario> ALL = List.of(new IdleSystem(GROUPS, 1_000), new Steady("groups", GROUPS, 1_000),
            new Steady("pairs", PAIRS, 1_000), new Steady("crowd", ONE, 15), new Joins(), new Idle(),
            new Storm(), new MassJoin(), new Stalled(), new Replay(), new Highest("most-groups", GROUPS, 1_000),
            new Highest("most-pairs", PAIRS, 1_000), new Highest("most-crowd", ONE, 100));

    private Scenarios() {}

    /**
     * The scenario of that name.
     *
     * @throws IllegalArgumentException when there is none; the message lists the names
     */
    public static Scenario named(String name) {
        return ALL.stream().filter(scenario -> scenario.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown scenario " + name + "; the scenarios are "
                        + ALL.stream().map(Scenario::name).collect(Collectors.joining(", "))));
    }
}
