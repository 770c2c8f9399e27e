package io.rejoin.bench.scenario;

import io.rejoin.bench.system.Usage;
import java.util.List;

/**
 * Members connect and join, a few hundred a second: the CPU time of one join, beyond the CPU time of the idle system.
 */
record Joins() implements Scenario {
    private static final PopulationSize WARM_UP = new PopulationSize(300, 10);
    private static final PopulationSize CROWD = new PopulationSize(400, 10);
    private static final double PER_SECOND = 400;
    /** Seconds after the last join, for the work that still follows from it. */
    private static final double AFTER = 2;

    @Override
    public String name() {
        return "joins";
    }

    @Override
    public String description() {
        return "%,d connect and join rooms of %d, %,.0f a second".formatted(CROWD.connections(), CROWD.members(),
                PER_SECOND);
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("CPU ms a join", "cpu ms/join"), new Column("all in after s", "all in s"));
    }

    @Override
    public Figures measure(Trial trial) {
        trial.rehearse(() -> {
            trial.open(WARM_UP, 3 * PER_SECOND);
            trial.cut();
        });
        Trial.sleep(trial.pace().rest()); // until the members that left are no longer listed as present
        var quiet = trial.usage();
        Trial.sleep(trial.pace().rest());
        var before = trial.usage();
        var seconds = trial.open(CROWD, PER_SECOND);
        Trial.sleep(AFTER);
        var figures = figures(before.since(quiet), trial.usage().since(before));
        trial.cut();
        return figures.put("all in s", seconds);
    }

    private static Figures figures(Usage idle, Usage busy) {
        var share = busy.seconds() / idle.seconds();
        var figures = new Figures().put("cpu ms/join",
                (busy.micros() - share * idle.micros()) / 1e3 / CROWD.connections());
        busy.cpu().forEach((part, time) -> figures.put("cpu " + part + " ms/join",
                (time.toNanos() - share * idle.cpu(part).toNanos()) / 1e6 / CROWD.connections()));
        return figures;
    }
}
