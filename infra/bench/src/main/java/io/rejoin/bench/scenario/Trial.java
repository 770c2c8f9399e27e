package io.rejoin.bench.scenario;

import io.rejoin.bench.load.Generator;
import io.rejoin.bench.load.Outcome;
import io.rejoin.bench.system.Candidate;
import io.rejoin.bench.system.Deployment;
import io.rejoin.bench.system.Usage;
import java.time.Duration;

/** A system that runs, the generator beside it, and what scenarios do with both. Of one thread. */
public final class Trial {
    private final Candidate candidate;
    private final Deployment deployment;
    private final Generator generator;
    private final Pace pace;
    private int populations;
    private boolean isWarm;

    /**
     * A load and what the servers used in its window.
     *
     * @param usage of the window; memory at its end
     */
    public record Measured(Outcome outcome, Usage usage) {}

    public Trial(Candidate candidate, Deployment deployment, Generator generator, Pace pace) {
        this.candidate = candidate;
        this.deployment = deployment;
        this.generator = generator;
        this.pace = pace;
    }

    Candidate candidate() {
        return candidate;
    }

    Pace pace() {
        return pace;
    }

    /** Connects so many, under names that were not there before; returns the seconds that it took. */
    double open(int rooms, int members, int stalled, double perSecond) {
        var prefix = "b" + populations++;
        return generator.open(deployment.dialect(), deployment.addresses(),
                new Generator.Members(prefix, rooms, members, stalled, perSecond));
    }

    /** Posts at that rate to those who are connected; the first time of a system it warms up for longer. */
    Measured load(double rate, double seconds) {
        var warmUp = isWarm ? pace.warmUp() : pace.firstWarmUp();
        isWarm = true;
        var window = new Sampled();
        var outcome = generator.load(new Generator.Load(rate, warmUp, seconds), window);
        return new Measured(outcome, window.end.since(window.begin));
    }

    /** Cuts all connections. */
    void cut() {
        generator.cut();
    }

    Usage usage() {
        return Usage.of(deployment);
    }

    static void sleep(double seconds) throws InterruptedException {
        Thread.sleep(Duration.ofMillis((long) (1e3 * seconds)));
    }

    private final class Sampled implements Generator.Window {
        private Usage begin = usage();
        private Usage end = begin;

        @Override
        public void begins() {
            begin = usage();
        }

        @Override
        public void ends() {
            end = usage();
        }
    }
}
