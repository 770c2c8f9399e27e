package io.rejoin.bench.report;

import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.system.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The figures and failures of all rounds, by scenario and system. Not thread-safe. */
public final class Results {
    private final List<Candidate> candidates;
    private final List<Scenario> scenarios;
    private final Map<Place, List<Figures>> runs = new LinkedHashMap<>();
    private final Map<Place, String> failures = new LinkedHashMap<>();

    private record Place(String scenario, String candidate) {}

    public Results(List<Candidate> candidates, List<Scenario> scenarios) {
        this.candidates = List.copyOf(candidates);
        this.scenarios = List.copyOf(scenarios);
    }

    public void add(Scenario scenario, Candidate candidate, Figures figures) {
        runs.computeIfAbsent(place(scenario, candidate), _ -> new ArrayList<>()).add(figures);
    }

    /** Records a failure. If other rounds succeeded, the report shows both the figures and the failure. */
    public void failed(Scenario scenario, Candidate candidate, String why) {
        failures.put(place(scenario, candidate), why);
    }

    private static Place place(Scenario scenario, Candidate candidate) {
        return new Place(scenario.name(), candidate.name());
    }

    public List<Candidate> candidates() {
        return candidates;
    }

    public List<Scenario> scenarios() {
        return scenarios;
    }

    /** The figures of each round. */
    public List<Figures> runs(Scenario scenario, Candidate candidate) {
        return List.copyOf(runs.getOrDefault(place(scenario, candidate), List.of()));
    }

    /** The medians over the rounds. */
    public Optional<Figures> median(Scenario scenario, Candidate candidate) {
        var all = runs(scenario, candidate);
        return all.isEmpty() ? Optional.empty() : Optional.of(Figures.median(all));
    }

    public Optional<String> failure(Scenario scenario, Candidate candidate) {
        return Optional.ofNullable(failures.get(place(scenario, candidate)));
    }

    public boolean hasFailures() {
        return !failures.isEmpty();
    }
}
