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
        "Runs the core in one thread under many seeds: edges, shards, history and clients between models of Kafka, sockets",
        "and PostgreSQL, with crashes, zombies, lost acknowledgements and late requests; and checks what was promised."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/simulate --seeds 1000                  a long run",
                "  infra/simulate --from 4711 --seeds 1         one seed again; if it fails, with the end of its trace",
                "  infra/simulate --bug DUPLICATE_WINDOW_LOST   what it says of a mistake made on purpose"})
public final class SimulateMain implements Callable<Integer> {
    private static final int MOST_TRACED = 1_000_000;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "100", description = "How many seeds. Default: ${DEFAULT-VALUE}")
    private int seeds;

    @Option(names = "--steps", paramLabel = "M", defaultValue = "10000", description = "Steps of each seed, before it comes to rest. Default: ${DEFAULT-VALUE}")
    private int steps;

    @Option(names = "--from", paramLabel = "SEED", defaultValue = "1", description = "The first seed; the others follow. Default: ${DEFAULT-VALUE}")
    private long from;

    @Option(names = "--threads", paramLabel = "T", defaultValue = "1", description = "Threads; each runs seeds of its own. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(names = "--trace", paramLabel = "LINES", defaultValue = "60", description = "Lines of a failed seed's trace that are printed. Default: ${DEFAULT-VALUE}")
    private int traceLines;

    @Option(names = "--bug", defaultValue = "NONE", description = "A mistake to make on purpose: ${COMPLETION-CANDIDATES}")
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
        if (seeds < 1 || steps < 0 || threads < 1 || traceLines < 0 || traceLines > MOST_TRACED) {
            System.err.println("infra/simulate: --seeds and --threads are at least 1, --steps and --trace at least 0");
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
        out.printf("%nBROKEN at step %d of seed %d: %s%n", first.steps(), first.seed(), first.violation());
        out.printf("again: infra/simulate --from %d --seeds 1 --steps %d%s%n", first.seed(), steps,
                bug == Bug.NONE ? "" : " --bug " + bug);
        return 1;
    }
}
