package io.rejoin.e2e.chaos;

import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Recorder;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.FinalReads;
import io.rejoin.e2e.load.Plan;
import io.rejoin.e2e.load.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One chaos run: starts the system, lets clients post, injects and heals the schedule's faults, waits until the system
 * is quiet, and makes the final reads. The clients' observations are then in the history file, for the checker.
 */
final class ChaosRun {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration REST = Duration.ofMinutes(3);
    private static final Duration TOOLS = Duration.ofSeconds(30);
    private static final int ROOMS = 12;
    private static final int MEMBERS = 4;
    /** Short, so that the run measures the services' recovery and not the clients' waits. */
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

    private final Schedule schedule;
    private final double rate;
    private final Path folder;
    private final PrintStream out;

    /** @param out gets progress messages */
    ChaosRun(Schedule schedule, double rate, Path folder, PrintStream out) {
        this.schedule = schedule;
        this.rate = rate;
        this.folder = folder;
        this.out = out;
    }

    /** The history file, complete after {@link #run}. */
    Path history() {
        return folder.resolve("history.jsonl");
    }

    /**
     * Runs it. At the end every fault is healed and every process has ended, even after an exception.
     *
     * @throws InterruptedException when the run is ended early
     */
    RunReport run() throws InterruptedException, IOException {
        var needsDisk = schedule.steps().stream().anyMatch(step -> step.fault() instanceof Fault.DiskFull);
        out.println("starting two edges, two routers, history, a broker and PostgreSQL in " + folder);
        try (var recorder = new Recorder(history()); var site = Site.start(folder, needsDisk)) {
            if (!site.probe().awaitQuiet(START)) throw new IllegalStateException("services are not healthy in time");
            try (var workload = workload(site, recorder)) {
                workload.connect();
                workload.awaitLive(START);
                return underTraffic(site, recorder, workload);
            }
        }
    }

    private Workload workload(Site site, Recorder recorder) {
        return new Workload(Plan.of("chaos", ROOMS, MEMBERS, rate).withBackoff(BACKOFF).withSeed(schedule.seed()),
                edges(site), recorder);
    }

    private static List<URI> edges(Site site) {
        return List.of(site.edge(0), site.edge(1));
    }

    private RunReport underTraffic(Site site, Recorder recorder, Workload workload)
            throws InterruptedException, IOException {
        var report = new RunReport(schedule, site);
        var injector = new Injector(site, schedule, new FaultListener(recorder, report));
        try (var sampler = new Sampler(site, folder.resolve("samples.jsonl"), recorder::now,
                schedule.steps().isEmpty())) {
            out.println("all services are healthy: clients post, and " + schedule.steps().size() + " faults happen in "
                    + schedule.length().toSeconds() + " s");
            var until = System.nanoTime() + schedule.length().toNanos();
            workload.startPosting();
            injector.begin();
            injector.await();
            Thread.sleep(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
            report.trends(sampler.trends());
            out.println("all faults have ended; waiting until the system is quiet");
            settle(site, workload, report);
            new FinalReads(edges(site), site.history(), site.bootstrapServers(), recorder).readAll(workload);
        } finally {
            injector.stop();
        }
        injector.problems().forEach(report::problem);
        report.skipped(workload.skipped());
        return report.finished();
    }

    /**
     * Waits until the system is quiet. Reports what is not quiet in time; the final reads then show what clients see of
     * it.
     */
    private static void settle(Site site, Workload workload, RunReport report) throws InterruptedException {
        try {
            workload.settle(REST);
        } catch (AssertionError e) {
            report.problem(String.valueOf(e.getMessage()));
        }
        if (!site.probe().awaitWell(REST))
            report.problem(
                    "after " + REST.toSeconds() + " s without faults: " + site.probe().describe());
        // no problem: the final reads check what history has stored; this lag is only what Kafka reports for history
        else if (!site.probe().awaitQuiet(TOOLS)) site.supervisor().note("at rest, but " + site.probe().describe());
    }

    /** Passes faults on to the recorder and the report. */
    private record FaultListener(Recorder recorder, RunReport report) implements Injector.Listener {
        @Override
        public void begins(Fault fault) {
            report.began(fault);
            record(fault, Observation.Phase.BEGIN);
        }

        @Override
        public void ends(Fault fault) {
            record(fault, Observation.Phase.END);
        }

        private void record(Fault fault, Observation.Phase phase) {
            recorder.record(new Observation.Fault(recorder.at("chaos", "chaos", 0), fault.kind().label(),
                    fault.target(), phase));
        }
    }
}
