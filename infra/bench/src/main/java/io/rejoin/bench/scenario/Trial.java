package io.rejoin.bench.scenario;

import io.rejoin.bench.load.Generator;
import io.rejoin.bench.load.Outcome;
import io.rejoin.bench.system.Candidate;
import io.rejoin.bench.system.Deployment;
import io.rejoin.bench.system.Usage;
import io.rejoin.e2e.sizing.Proc;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A running system and its load generator, with the operations that scenarios use. Not thread-safe. */
public final class Trial {
    /** Length of the window in which members join or reconnect: long enough for thousands. */
    private static final double EVENT_SECONDS = 15;
    /** Time in which a system works off a load that was too high. */
    private static final double RECOVERY_SECONDS = 15;

    private final Candidate candidate;
    private final Deployment deployment;
    private final Generator generator;
    private final Pace pace;
    private int populations;
    private int rooms;
    private boolean isWarm;

    /**
     * The outcome of a load, and what the servers used in its window.
     *
     * @param usage     of the window; the memory is that at its end
     * @param generator CPU time of the generator in the window
     */
    public record Measured(Outcome outcome, Usage usage, Duration generator) {
        /** The processor cores that other processes kept busy in the window; this should be near 0. */
        double coresOfOthers() {
            return (usage.machine().minus(generator).toNanos() / 1e3 - usage.micros()) / 1e6 / usage.seconds();
        }
    }

    public Trial(Candidate candidate, Deployment deployment, Generator generator, Pace pace) {
        this.candidate = candidate;
        this.deployment = deployment;
        this.generator = generator;
        this.pace = pace;
    }

    Pace pace() {
        return pace;
    }

    /**
     * Number of faults of a load. Messages out of order count only if the system promises all members of a room the
     * same order: see {@link Candidate#keepsOrder}.
     */
    long faults(Outcome outcome) {
        return outcome.faults() - (candidate.keepsOrder() ? 0 : outcome.outOfOrder());
    }

    /** Connects members under names that are new to the system; returns how many seconds that took. */
    double open(PopulationSize crowd, double perSecond) {
        rooms = crowd.rooms();
        return generator.open(deployment.dialect(), deployment.addresses(), new Generator.Members(prefix(++populations),
                crowd.rooms(), crowd.members(), crowd.late(), crowd.stalled(), perSecond, candidate.resumes()));
    }

    private static String prefix(int population) {
        return "b" + population;
    }

    /** The URLs at which history returns the last messages of each room of the last population. */
    List<URI> historyPages(int messages) {
        var history = deployment.history().orElseThrow();
        return IntStream.range(0, rooms)
                .mapToObj(room -> Replay.page(history, prefix(populations) + "-" + room, messages)).toList();
    }

    /** Like {@link #open}, after a failure: first waits until the system has recovered. */
    void reopen(PopulationSize crowd, double perSecond) {
        cut();
        sleep(Math.min(pace.rest(), RECOVERY_SECONDS));
        open(crowd, perSecond);
    }

    /** Posts at that rate to the connected members. The first load of a system has a longer warm-up. */
    Measured load(double rate, double seconds) {
        return load(new Generator.Load(rate, warmUp(), seconds));
    }

    /** Posts at that rate for a short time, to see whether the system sustains it. */
    Measured step(double rate, double warmUpSeconds) {
        return load(new Generator.Load(rate, warmUpSeconds, pace.step()));
    }

    /** A load in which all but the posters lose their connections. */
    Generator.Load cutting(double rate) {
        return new Generator.Load(rate, warmUp(), EVENT_SECONDS).cutting();
    }

    /** A load in which the late members connect. */
    Generator.Load arriving(double rate, double perSecond) {
        return new Generator.Load(rate, warmUp(), EVENT_SECONDS).arriving(perSecond);
    }

    /**
     * Warms the system up before a measurement of joins or reconnects: runs {@code act} again and again for the time
     * {@link Pace#rehearsal}. In this time a JVM compiles the code that will be measured.
     */
    void rehearse(Runnable act) {
        isWarm = true;
        var end = System.nanoTime() + (long) (1e9 * pace.rehearsal());
        while (System.nanoTime() - end < 0) act.run();
    }

    private double warmUp() {
        var warmUp = isWarm ? pace.warmUp() : pace.firstWarmUp();
        isWarm = true;
        return warmUp;
    }

    Measured load(Generator.Load load) {
        var window = new Sampled();
        var outcome = generator.load(load, window);
        return new Measured(outcome, window.end.since(window.begin), window.generatorEnd.minus(window.generatorBegin));
    }

    /** Cuts all connections. */
    void cut() {
        generator.cut();
    }

    Usage usage() {
        return Usage.of(deployment);
    }

    /** The usage after the servers collected their garbage; empty where they cannot be told to. */
    Optional<Usage> collected() {
        return deployment.collectGarbage() ? Optional.of(usage()) : Optional.empty();
    }

    /** Waits. */
    static void sleep(double seconds) {
        try {
            Thread.sleep(Duration.ofMillis((long) (1e3 * seconds)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Duration generatorCpu() {
        return Proc.cpu(List.of(generator.pid()));
    }

    private final class Sampled implements Generator.Window {
        private Usage begin = usage();
        private Usage end = begin;
        private Duration generatorBegin = Duration.ZERO;
        private Duration generatorEnd = Duration.ZERO;

        @Override
        public void begins() {
            begin = usage();
            generatorBegin = generatorCpu();
        }

        @Override
        public void ends() {
            end = usage();
            generatorEnd = generatorCpu();
        }
    }
}
