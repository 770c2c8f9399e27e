package io.rejoin.bench.scenario;

import java.util.List;

/**
 * Thousands of members join one room within ten seconds while one member posts there. Measures what the first members
 * notice of that.
 */
record MassJoin() implements Scenario {
    private static final int INSIDE = 10;
    private static final int LATE = 2_000;
    private static final double PER_SECOND = 200;
    private static final double RATE = 10;

    @Override
    public String name() {
        return "hall";
    }

    @Override
    public String description() {
        return "%,d join one room, %,.0f a second, while one posts %,.0f messages a second".formatted(LATE, PER_SECOND,
                RATE);
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("delivery p50 / p99 ms", "delivery p50 ms", "delivery p99 ms"),
                new Column("join p50 / p99 ms", "join p50 ms", "join p99 ms"), new Column("not in", "not in"),
                new Column("lost, doubled, disordered", "lost", "doubled", "out of order"));
    }

    @Override
    public Figures measure(Trial trial) {
        trial.rehearse(() -> fill(trial));
        var measured = fill(trial);
        var outcome = measured.outcome();
        var figures = new Figures().put("delivery p50 ms", outcome.delivery().p50())
                .put("delivery p99 ms", outcome.delivery().p99()).put("delivery max ms", outcome.delivery().max())
                .put("join p50 ms", outcome.returns().latency().p50())
                .put("join p99 ms", outcome.returns().latency().p99()).put("not in", LATE - outcome.returns().count())
                .put("cores", measured.usage().micros() / 1e6 / measured.usage().seconds());
        return Steady.checks(figures, measured);
    }

    private static Trial.Measured fill(Trial trial) {
        trial.open(new PopulationSize(1, INSIDE, LATE, 0), Steady.JOINS_PER_SECOND);
        var measured = trial.load(trial.arriving(RATE, PER_SECOND));
        trial.cut();
        return measured;
    }
}
