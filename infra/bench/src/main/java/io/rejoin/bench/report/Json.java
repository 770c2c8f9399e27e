package io.rejoin.bench.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.system.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results as JSON, for programs: all figures of all rounds. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private Json() {}

    /** An object: machine, then scenarios by name, each with systems by name, each with medians and rounds. */
    public static String of(Results results, Machine machine) {
        var scenarios = new LinkedHashMap<String, Object>();
        for (var scenario : results.scenarios()) {
            var systems = new LinkedHashMap<String, Object>();
            for (var candidate : results.candidates())
                systems.put(candidate.name(), system(results, scenario, candidate));
            scenarios.put(scenario.name(), Map.of("description", scenario.description(), "systems", systems));
        }
        var all = new LinkedHashMap<String, Object>();
        all.put("machine", machine);
        all.put("scenarios", scenarios);
        try {
            return MAPPER.writeValueAsString(all);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write the results as JSON", e);
        }
    }

    private static Map<String, Object> system(Results results, Scenario scenario, Candidate candidate) {
        var system = new LinkedHashMap<String, Object>();
        results.median(scenario, candidate).ifPresent(median -> system.put("median", numbers(median)));
        var runs = new ArrayList<Map<String, Double>>();
        results.runs(scenario, candidate).forEach(run -> runs.add(numbers(run)));
        system.put("rounds", List.copyOf(runs));
        results.failure(scenario, candidate).ifPresent(why -> system.put("failed", why));
        return system;
    }

    /** The figures without NaN and infinite values, which JSON does not have. */
    private static Map<String, Double> numbers(Figures figures) {
        var numbers = new LinkedHashMap<>(figures.values());
        numbers.values().removeIf(value -> value.isNaN() || value.isInfinite());
        return numbers;
    }
}
