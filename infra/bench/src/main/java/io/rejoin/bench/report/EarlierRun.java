package io.rejoin.bench.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.system.Candidate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The results of an earlier run, as {@link Json} wrote them. All scenarios together take hours, so they may be measured
 * in several runs.
 */
public final class EarlierRun {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final JsonNode scenarios;
    private final Machine machine;

    private EarlierRun(JsonNode scenarios, Machine machine) {
        this.scenarios = scenarios;
        this.machine = machine;
    }

    /**
     * Reads a {@code bench.json}.
     *
     * @throws IllegalArgumentException when the file cannot be read or is no such file; the message names it
     */
    public static EarlierRun read(Path file) {
        try {
            var all = MAPPER.readTree(Files.readAllBytes(file));
            if (!all.path("machine").isObject() || !all.path("scenarios").isObject()) throw noResults(file);
            return new EarlierRun(all.path("scenarios"), MAPPER.treeToValue(all.path("machine"), Machine.class));
        } catch (JacksonException _) {
            throw noResults(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }

    private static IllegalArgumentException noResults(Path file) {
        return new IllegalArgumentException(file + " is not a bench.json of an earlier run");
    }

    public Machine machine() {
        return machine;
    }

    /** Adds the rounds and the failures of this run, for the scenarios and systems of {@code results}. */
    public void addTo(Results results) {
        for (var scenario : results.scenarios())
            for (var candidate : results.candidates())
                add(scenarios.path(scenario.name()).path("systems").path(candidate.name()), scenario, candidate,
                        results);
    }

    private static void add(JsonNode system, Scenario scenario, Candidate candidate, Results results) {
        for (var round : system.path("rounds")) {
            var figures = new Figures();
            round.properties().forEach(figure -> figures.put(figure.getKey(), figure.getValue().doubleValue()));
            results.add(scenario, candidate, figures);
        }
        if (system.hasNonNull("failed")) results.failed(scenario, candidate, system.path("failed").asText());
    }
}
