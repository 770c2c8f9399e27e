package io.rejoin.bench.scenario;

import java.util.List;

/** What a system takes while nobody is connected. */
record Nobody() implements Scenario {
    static final double MIB = 1024 * 1024;

    @Override
    public String name() {
        return "nobody";
    }

    @Override
    public String description() {
        return "nobody is connected";
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("cores", "cores"), new Column("RSS MiB", "rss MiB"),
                new Column("broker's produce, fetch /s", "requests Produce /s", "requests Fetch /s"));
    }

    @Override
    public Figures measure(Trial trial) {
        Trial.sleep(trial.pace().rest());
        var before = trial.usage();
        Trial.sleep(trial.pace().window());
        var usage = trial.usage().since(before);
        var figures = new Figures().put("cores", usage.micros() / 1e6 / usage.seconds());
        usage.cpu().forEach(
                (part, time) -> figures.put("cpu " + part + " cores", time.toNanos() / 1e9 / usage.seconds()));
        figures.put("rss MiB", usage.memory() / MIB);
        usage.rss().forEach((part, bytes) -> figures.put("rss " + part + " MiB", bytes / MIB));
        Steady.broker(figures, usage);
        return figures;
    }
}
