package io.rejoin.bench;

import io.rejoin.bench.report.EarlierRun;
import io.rejoin.bench.report.Json;
import io.rejoin.bench.report.Machine;
import io.rejoin.bench.report.Picture;
import io.rejoin.bench.report.Results;
import io.rejoin.bench.report.Table;
import io.rejoin.bench.scenario.Pace;
import io.rejoin.bench.scenario.Scenarios;
import io.rejoin.bench.system.Candidates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command line of the benchmark. Exit code 0: all figures are there. 1: something failed. 2: wrong command line. */
@Command(name = "infra/bench/run", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, description = {
        "Measures the cost and the latency of messages in Rejoin and in other systems: CPU time and memory",
        "of all servers, time since a post was due, and messages lost, doubled or out of order. Everything",
        "runs on this machine, so do not run other work on it."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/bench/run --quick --systems rejoin           a first look",
                "  infra/bench/run --systems rejoin --scenarios groups,pairs,crowd --rounds 1"})
public final class BenchMain implements Callable<Integer> {
    @Option(names = "--systems", paramLabel = "A,B", split = ",", description = "Systems to measure, in this order. Default: Rejoin and its peers. --list shows all systems.")
    private @Nullable List<String> systems;

    @Option(names = "--scenarios", paramLabel = "X,Y", split = ",", description = "Scenarios to run, in this order. Default: all.")
    private @Nullable List<String> scenarios;

    @Option(names = "--rounds", paramLabel = "N", description = "Number of rounds. In each round, all systems run one after the other. The table shows medians. Default: 3, or 1 with --quick.")
    private @Nullable Integer rounds;

    @Option(names = "--earlier", paramLabel = "FILE", split = ",", description = "bench.json of earlier runs on this machine. Their rounds count, too. With --rounds 0 only these rounds are shown, and nothing is measured.")
    private @Nullable List<Path> earlier;

    @Option(names = "--seconds", paramLabel = "S", description = "Length of the measured window of a steady load, in seconds. Default: 20, or 8 with --quick.")
    private @Nullable Integer seconds;

    @Option(names = "--quick", description = "A short run: less warm-up, one round. For a first look after a change.")
    private boolean isQuick;

    @Option(names = "--out", paramLabel = "FOLDER", defaultValue = "${rejoin.bench.out:-target/bench}", description = "Folder for bench.md, bench.json and bench.svg. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("target/bench");

    @Option(names = "--list", description = "Lists all systems and scenarios, and exits.")
    private boolean isList;

    @Spec
    private @Nullable CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (isList) return list();
        var chosen = new Results(chosen(systems, Candidates.USUAL, Candidates::named),
                chosen(scenarios, Scenarios.ALL, Scenarios::named));
        var rounds = rounds();
        var machine = takeEarlier(chosen, Machine.here(Instant.now()));
        Files.createDirectories(out);
        new Rounds(chosen, pace(), () -> write(chosen, machine)).run(rounds);
        write(chosen, machine);
        System.out.println(Table.of(chosen));
        return chosen.hasFailures() ? 1 : 0;
    }

    private static int list() {
        System.out.println("systems:");
        for (var system : Candidates.ALL)
            System.out.printf("  %-18s %s%s%n", system.name(), system.description(),
                    system.missing().map(why -> "; not available: " + why).orElse(""));
        System.out.println("scenarios:");
        for (var scenario : Scenarios.ALL) System.out.printf("  %-18s %s%n", scenario.name(), scenario.description());
        return 0;
    }

    private <T> List<T> chosen(@Nullable List<String> names, List<T> all, Function<String, T> named) {
        if (names == null) return all;
        try {
            return names.stream().distinct().map(named).toList();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private Pace pace() {
        var pace = isQuick ? Pace.QUICK : Pace.FULL;
        if (seconds == null) return pace;
        if (seconds < 1) throw wrong("--seconds must be at least 1");
        return pace.withWindow(seconds);
    }

    private int rounds() {
        if (rounds == null) return isQuick ? 1 : 3;
        if (rounds < (earlier == null ? 1 : 0)) throw wrong("--rounds must be at least 1, or 0 with --earlier");
        return rounds;
    }

    /** Adds the rounds of earlier runs to the results; returns the machine with the date of the earliest run. */
    private Machine takeEarlier(Results results, Machine here) {
        if (earlier == null) return here;
        var machine = here;
        for (var file : earlier) {
            var run = read(file);
            if (!run.machine().isLike(here))
                throw wrong(file + " was measured on another machine (" + run.machine() + "): its figures cannot be"
                        + " compared with those of this one (" + here + ")");
            run.addTo(results);
            machine = machine.since(run.machine());
        }
        return machine;
    }

    private EarlierRun read(Path file) {
        try {
            return EarlierRun.read(file);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException wrong(String what) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), what);
    }

    /** Called after each scenario, so that an aborted run leaves the results that it has so far. */
    private void write(Results results, Machine machine) {
        try {
            Files.writeString(out.resolve("bench.md"), Table.of(results));
            Files.writeString(out.resolve("bench.json"), Json.of(results, machine));
            Files.writeString(out.resolve("bench.svg"), Picture.of(results, machine));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the results into " + out, e);
        }
    }
}
