package io.rejoin.simulation;

import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the simulation. Exit code: 0 without a violation, 1 with one, 2 for a wrong command line. */
@Command(name = "infra/simulate", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, description = {
        "Runs the core of edges, routers and history with simulated clients, and with models of Kafka,",
        "PostgreSQL and sockets. Each seed runs in one thread. The seed decides about crashes, zombies, lost",
        "acknowledgements and late requests. Each run checks all guarantees."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/simulate --seeds 1000                  a long run",
                "  infra/simulate --from 4711 --seeds 1         one seed again; a failure prints its trace",
                "  infra/simulate --bug DUPLICATE_WINDOW_LOST   inserts a bug and shows how it is reported"})
public final class SimulateMain implements Callable<Integer> {
    private static final int MAX_TRACED = 1_000_000;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "100", description = "Number of seeds. Default: ${DEFAULT-VALUE}")
    private int seeds;

    @Option(names = "--steps", paramLabel = "M", defaultValue = "10000", description = "Number of steps with faults, for each seed. Default: ${DEFAULT-VALUE}")
    private int steps;

    @Option(names = "--from", paramLabel = "SEED", defaultValue = "1", description = "First seed. The next seeds follow. Default: ${DEFAULT-VALUE}")
    private long from;

    @Option(names = "--threads", paramLabel = "T", defaultValue = "1", description = "Number of threads. Each seed runs in one of them. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(names = "--trace", paramLabel = "LINES", defaultValue = "60", description = "Number of lines to print from the end of the trace of a failed seed. Default: ${DEFAULT-VALUE}")
    private int traceLines;

    @Option(names = "--bug", defaultValue = "NONE", description = "Bug to insert on purpose: ${COMPLETION-CANDIDATES}")
    private Bug bug = Bug.NONE;

    private final PrintStream out = System.out;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong stepsDone = new AtomicLong();
    private final AtomicReference<Simulation.@Nullable Result> broken = new AtomicReference<>();
    private long begun;

    public static void main(String[] arguments) {
        if (System.getProperty("logback.configurationFile") == null)
            System.setProperty("logback.configurationFile", "simulation-logback.xml");
        System.exit(new CommandLine(new SimulateMain()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        if (seeds < 1 || steps < 0 || threads < 1 || traceLines < 0 || traceLines > MAX_TRACED) {
            System.err.println("infra/simulate: --seeds and --threads from 1, --steps from 0, --trace 0 to 1000000");
            return 2;
        }
        begun = System.nanoTime();
        var workers = new Thread[threads];
        for (var n = 0; n < threads; n++) workers[n] = Thread.ofPlatform().name("simulation-" + n).start(this::work);
        for (var worker : workers) worker.join();
        progress();
        return Optional.ofNullable(broken.get()).map(this::report).orElse(0);
    }

    private void work() {
        while (broken.get() == null) {
            var n = next.getAndIncrement();
            if (n >= seeds) return;
            var result = Simulation.run(from + n, steps, bug, 0);
            stepsDone.addAndGet(result.steps());
            if (result.violation() != null) broken.compareAndSet(null, result);
            if (done.incrementAndGet() % Math.max(1, seeds / 20) == 0) progress();
        }
    }

    private void progress() {
        var seconds = (System.nanoTime() - begun) / 1e9;
        out.printf("%d of %d seeds, %,d steps, %,.0f steps/s%n", done.get(), seeds, stepsDone.get(),
                stepsDone.get() / seconds);
    }

    private int report(Simulation.Result first) {
        var again = Simulation.run(first.seed(), steps, bug, traceLines); // the first run kept no trace, to be fast
        again.trace().forEach(out::println);
        out.printf("%nVIOLATION at step %d of seed %d: %s%n", first.steps(), first.seed(), first.violation());
        out.printf("run again: infra/simulate --from %d --seeds 1 --steps %d%s%n", first.seed(), steps,
                bug == Bug.NONE ? "" : " --bug " + bug);
        return 1;
    }
}
