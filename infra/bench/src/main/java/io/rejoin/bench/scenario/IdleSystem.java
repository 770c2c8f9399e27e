package io.rejoin.bench.scenario;

import io.rejoin.bench.system.Usage;
import java.util.List;

/**
 * Measures a system without connections: its memory directly after the start, then its CPU time and memory after a
 * load, when its code is compiled.
 */
record IdleSystem(PopulationSize crowd, double rate) implements Scenario {
    static final double MIB = 1024 * 1024;

    @Override
    public String name() {
        return "nobody";
    }

    @Override
    public String description() {
        return "nobody is connected: after a start, and after %,.0f messages a second to %,d × %,d".formatted(rate,
                crowd.rooms(), crowd.members());
    }

    @Override
    public boolean needsFreshSystem() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("cores", "cores"), new Column("RSS MiB after a start", "rss MiB, at first"),
                new Column("RSS MiB after the load", "rss MiB"),
                new Column("broker's produce, fetch /s", "requests Produce /s", "requests Fetch /s"));
    }

    @Override
    public Figures measure(Trial trial) {
        var figures = new Figures();
        Trial.sleep(trial.pace().rest());
        memory(figures, "MiB, at first", trial.usage());
        trial.open(crowd, Steady.JOINS_PER_SECOND);
        trial.load(rate, trial.pace().step());
        trial.cut();
        Trial.sleep(trial.pace().rest());
        var before = trial.usage();
        Trial.sleep(trial.pace().rest());
        var usage = trial.usage().since(before);
        figures.put("cores", usage.micros() / 1e6 / usage.seconds());
        usage.cpu().forEach(
                (part, time) -> figures.put("cpu " + part + " cores", time.toNanos() / 1e9 / usage.seconds()));
        memory(figures, "MiB", usage);
        Steady.broker(figures, usage);
        return figures;
    }

    private static void memory(Figures figures, String unit, Usage usage) {
        figures.put("rss " + unit, usage.memory() / MIB);
        usage.rss().forEach((part, bytes) -> figures.put("rss " + part + " " + unit, bytes / MIB));
    }
}
