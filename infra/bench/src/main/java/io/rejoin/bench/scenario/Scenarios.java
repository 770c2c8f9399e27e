package io.rejoin.bench.scenario;

import java.util.List;
import java.util.stream.Collectors;

/** All scenarios that can be asked for, in the order in which they run unless told otherwise. */
public final class Scenarios {
    public static final List<Scenario> ALL = List.of(new Nobody(), new Steady("groups", 100, 10, 1_000),
            new Steady("pairs", 1_000, 2, 1_000), new Steady("crowd", 1, 1_000, 15));

    private Scenarios() {}

    /**
     * The one of that name.
     *
     * @throws IllegalArgumentException when there is none; the message names those that are
     */
    public static Scenario named(String name) {
        return ALL.stream().filter(scenario -> scenario.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario is called " + name + "; there are "
                        + ALL.stream().map(Scenario::name).collect(Collectors.joining(", "))));
    }
}
