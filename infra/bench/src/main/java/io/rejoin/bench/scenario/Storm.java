package io.rejoin.bench.scenario;

import java.util.List;

/**
 * Thousands of members lose their connections at the same moment and reconnect at once, while others post. Measures the
 * time until all have the messages that they missed.
 */
record Storm() implements Scenario {
    private static final PopulationSize CROWD = new PopulationSize(50, 100);
    private static final double RATE = 200;

    @Override
    public String name() {
        return "storm";
    }

    @Override
    public String description() {
        return "%,d of %,d lose their connections at once and come back, %,.0f messages a second".formatted(cut(),
                CROWD.connections(), RATE);
    }

    /** The number of cut members: all but the one of each room that posts. */
    private static int cut() {
        return CROWD.connections() - CROWD.rooms();
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("caught up: half, all, after s", "back p50 s", "back all s"),
                new Column("not back", "not back"),
                new Column("missed, doubled, disordered", "lost", "doubled", "out of order"));
    }

    @Override
    public Figures measure(Trial trial) {
        trial.rehearse(() -> storm(trial));
        var measured = storm(trial);
        var returns = measured.outcome().returns();
        var figures = new Figures().put("back p50 s", returns.latency().p50() / 1e3)
                .put("back p99 s", returns.latency().p99() / 1e3).put("back all s", returns.latency().max() / 1e3)
                .put("not back", cut() - returns.count());
        return Steady.checks(figures, measured);
    }

    private static Trial.Measured storm(Trial trial) {
        trial.open(CROWD, Steady.JOINS_PER_SECOND);
        var measured = trial.load(trial.cutting(RATE));
        trial.cut();
        return measured;
    }
}
