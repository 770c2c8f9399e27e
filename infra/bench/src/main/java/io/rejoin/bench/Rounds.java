package io.rejoin.bench;

import io.rejoin.bench.load.Generator;
import io.rejoin.bench.report.Results;
import io.rejoin.bench.scenario.Pace;
import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.scenario.Trial;
import io.rejoin.bench.system.Candidate;
import io.rejoin.bench.system.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Runs each system in turn, round after round: A B C, A B C. Only one runs at a time. What the machine does otherwise, and how
 * that changes in an hour, so falls on all of them alike. Of one thread.
 */
final class Rounds {
    private final List<Candidate> candidates;
    private final List<Scenario> scenarios;
    private final Pace pace;
    private final Results results;
    private final Runnable afterEach;

    /** @param afterEach is called when there are new results */
    Rounds(Results results, Pace pace, Runnable afterEach) {
        this.candidates = results.candidates();
        this.scenarios = results.scenarios();
        this.pace = pace;
        this.results = results;
        this.afterEach = afterEach;
    }

    void run(int rounds) throws IOException, InterruptedException {
        for (var round = 1; round <= rounds; round++)
            for (var candidate : candidates)
                if (candidate.missing().isEmpty()) run(candidate, "round " + round + " of " + rounds);
    }

    private void run(Candidate candidate, String round) throws IOException, InterruptedException {
        for (var life : lives()) run(candidate, life, round);
    }

    /** Scenarios that one start of a system serves. */
    private List<List<Scenario>> lives() {
        var lives = new ArrayList<List<Scenario>>();
        for (var scenario : scenarios) {
            var isFirst = lives.isEmpty() || scenario.needsFreshSystem()
                    || lives.getLast().getLast().needsFreshSystem();
            if (isFirst) lives.add(new ArrayList<>());
            lives.getLast().add(scenario);
        }
        return lives;
    }

    private void run(Candidate candidate, List<Scenario> life, String round) throws IOException, InterruptedException {
        var folder = Files.createTempDirectory("rejoin-bench-");
        try {
            say(round, candidate, "starts");
            try (var deployment = candidate.start(folder)) {
                closedAtExit(deployment, () -> run(candidate, life, deployment, folder, round));
            }
        } catch (IllegalStateException e) {
            life.forEach(scenario -> results.failed(scenario, candidate, String.valueOf(e.getMessage())));
            say(round, candidate, String.valueOf(e.getMessage()));
        } finally {
            delete(folder);
        }
    }

    /** Servers must not be left over after Ctrl-C. */
    private static void closedAtExit(Deployment deployment, Body body) throws IOException, InterruptedException {
        var hook = new Thread(deployment::close);
        Runtime.getRuntime().addShutdownHook(hook);
        body.run();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private interface Body {
        void run() throws IOException, InterruptedException;
    }

    private void run(Candidate candidate, List<Scenario> life, Deployment deployment, Path folder, String round)
            throws IOException, InterruptedException {
        try (var generator = new Generator(folder)) {
            var trial = new Trial(candidate, deployment, generator, pace);
            for (var scenario : life) {
                if (!scenario.suits(candidate)) continue;
                say(round, candidate, scenario.name() + ": " + scenario.description());
                measure(scenario, candidate, trial, round);
                afterEach.run();
            }
        }
    }

    private void measure(Scenario scenario, Candidate candidate, Trial trial, String round) {
        try {
            var figures = scenario.measure(trial);
            results.add(scenario, candidate, figures);
            figures.values().forEach((name, value) -> System.err
                    .println(String.format(Locale.ROOT, "    %-40s %,.3f", name, value)));
        } catch (IllegalStateException e) {
            results.failed(scenario, candidate, String.valueOf(e.getMessage()));
            say(round, candidate, scenario.name() + " failed: " + e.getMessage());
        }
    }

    private static void say(String round, Candidate candidate, String what) {
        System.err.println(round + ", " + candidate.name() + ": " + what);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
