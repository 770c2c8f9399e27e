package io.rejoin.bench.scenario;

import io.rejoin.bench.system.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Many idle connections: the memory of one connection in a freshly started system, and the CPU time of all of them. */
record Idle() implements Scenario {
    private static final int MAX = 19_500;
    private static final int MEMBERS = 10;
    private static final double PER_SECOND = 400;
    private static final double KIB = 1024;
    /** Open files of the generator that are no connections. */
    private static final int OTHER_FILES = 500;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String description() {
        return "%,d connections in rooms of %d say nothing".formatted(crowd().connections(), MEMBERS);
    }

    @Override
    public boolean needsFreshSystem() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("RSS KiB a connection", "rss KiB/connection"),
                new Column("without garbage", "rss KiB/connection, collected"),
                new Column("cores", "cores"),
                new Column("connections", "connections"));
    }

    @Override
    public Figures measure(Trial trial) {
        Trial.sleep(trial.pace().rest());
        var crowd = crowd();
        var figures = new Figures().put("connections", crowd.connections());
        var empty = trial.usage();
        var leanest = trial.collected();
        trial.open(crowd, PER_SECOND);
        Trial.sleep(trial.pace().rest());
        var full = trial.usage();
        Trial.sleep(trial.pace().window());
        var idle = trial.usage().since(full);
        memory(figures, "KiB/connection", full, empty);
        leanest.ifPresent(
                before -> memory(figures, "KiB/connection, collected", trial.collected().orElseThrow(), before));
        trial.cut();
        return figures.put("cores", idle.micros() / 1e6 / idle.seconds());
    }

    private static void memory(Figures figures, String unit, Usage full, Usage empty) {
        var connections = figures.get("connections");
        figures.put("rss " + unit, (full.memory() - empty.memory()) / KIB / connections);
        full.rss().forEach(
                (part, bytes) -> figures.put("rss " + part + " " + unit,
                        (bytes - empty.rss(part)) / KIB / connections));
    }

    private static PopulationSize crowd() {
        return new PopulationSize(Math.min(MAX, files() - OTHER_FILES) / MEMBERS, MEMBERS);
    }

    /** The limit of open files of this process; its children inherit the limit. */
    private static int files() {
        try (var limits = Files.lines(Path.of("/proc/self/limits"))) {
            return limits.filter(line -> line.startsWith("Max open files")).map(line -> line.split(" +", -1)[3])
                    .map(soft -> soft.equals("unlimited") ? MAX + OTHER_FILES : Integer.parseInt(soft)).findFirst()
                    .orElse(MAX);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the limits of this process", e);
        }
    }
}
