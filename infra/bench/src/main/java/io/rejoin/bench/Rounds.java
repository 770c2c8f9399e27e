package io.rejoin.bench;

import io.rejoin.bench.load.Generator;
import io.rejoin.bench.report.Results;
import io.rejoin.bench.scenario.Pace;
import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.scenario.Trial;
import io.rejoin.bench.system.Candidate;
import io.rejoin.embedded.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs each system in turn, round after round: A B C, A B C. Only one system runs at a time. Other load on the machine
 * changes over an hour; this order spreads that load evenly over all systems. Not thread-safe.
 */
final class Rounds {
    private final List<Candidate> candidates;
    private final List<Scenario> scenarios;
    private final Pace pace;
    private final Results results;
    private final Runnable afterEach;

    /** @param afterEach is called whenever there are new results */
    Rounds(Results results, Pace pace, Runnable afterEach) {
        this.candidates = results.candidates();
        this.scenarios = results.scenarios();
        this.pace = pace;
        this.results = results;
        this.afterEach = afterEach;
    }

    void run(int rounds) {
        for (var round = 1; round <= rounds; round++)
            for (var candidate : candidates)
                if (candidate.missing().isEmpty()) run(candidate, "round " + round + " of " + rounds);
    }

    private void run(Candidate candidate, String round) {
        for (var life : lives(candidate)) run(candidate, life, round);
    }

    /** Groups the scenarios that suit a system: one group for each start of the system. */
    private List<List<Scenario>> lives(Candidate candidate) {
        var lives = new ArrayList<List<Scenario>>();
        for (var scenario : scenarios) {
            if (!scenario.suits(candidate)) continue;
            var isFirst = lives.isEmpty() || scenario.needsFreshSystem()
                    || lives.getLast().getLast().needsFreshSystem();
            if (isFirst) lives.add(new ArrayList<>());
            lives.getLast().add(scenario);
        }
        return lives;
    }

    private void run(Candidate candidate, List<Scenario> life, String round) {
        say(round, candidate, "starts");
        try (var installation = new Installation(candidate); var generator = new Generator(installation.folder())) {
            var trial = new Trial(candidate, installation.deployment(), generator, pace);
            for (var scenario : life) {
                say(round, candidate, scenario.name() + ": " + scenario.description());
                measure(scenario, candidate, trial, round);
                afterEach.run();
            }
        } catch (IOException | IllegalStateException | StartException e) { // the others are to be measured all the same
            life.forEach(scenario -> results.failed(scenario, candidate, String.valueOf(e.getMessage())));
            say(round, candidate, "failed: " + e.getMessage());
        }
    }

    private void measure(Scenario scenario, Candidate candidate, Trial trial, String round) {
        try {
            var figures = scenario.measure(trial);
            results.add(scenario, candidate, figures);
            figures.values().forEach((name, value) -> System.err
                    .println(String.format(Locale.ROOT, "    %-40s %,.3f", name, value)));
        } catch (IllegalStateException | UncheckedIOException e) { // the others are to be measured all the same
            results.failed(scenario, candidate, String.valueOf(e.getMessage()));
            say(round, candidate, scenario.name() + " failed: " + e.getMessage());
        }
    }

    private static void say(String round, Candidate candidate, String what) {
        System.err.println(round + ", " + candidate.name() + ": " + what);
    }
}
