package io.rejoin.tools.sizing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** All unit costs, by name, in the order of their file. */
public final class Costs {
    private static final String FILE = "costs.json";

    private final Map<String, Cost> byName = new LinkedHashMap<>();

    public Costs(List<Cost> costs) {
        for (var cost : costs)
            if (byName.put(cost.name(), cost) != null)
                throw new IllegalArgumentException("unit cost " + cost.name() + " is there twice");
    }

    /** The costs that come with the project. */
    public static Costs known() {
        try (var in = Objects.requireNonNull(Costs.class.getResourceAsStream(FILE), FILE)) {
            return read(new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads the costs of a file.
     *
     * @throws IllegalArgumentException if the file is wrong; the message says why
     */
    public static Costs read(String json) {
        try {
            return new Costs(Json.MAPPER.readValue(json, new TypeReference<List<Cost>>() {
            }));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("this is not a list of unit costs: " + e.getMessage(), e);
        }
    }

    /** The text of a file with these costs, one in each line. */
    public String json() {
        var lines = new ArrayList<String>();
        for (var cost : all()) {
            ObjectNode tree = Json.MAPPER.valueToTree(cost);
            tree.set("value", number(cost.value()));
            if (cost.measured() != null) {
                var values = ((ObjectNode) tree.get("measured")).putArray("values");
                cost.measured().values().forEach(value -> values.add(number(value)));
            }
            lines.add(tree.toString());
        }
        return "[\n" + String.join(",\n", lines) + "\n]\n";
    }

    /** A JSON number; a whole value has no fraction and no exponent. */
    private static JsonNode number(double value) {
        return value == Math.rint(value) ? LongNode.valueOf((long) value) : DoubleNode.valueOf(value);
    }

    public List<Cost> all() {
        return List.copyOf(byName.values());
    }

    public Cost get(String name) {
        var cost = byName.get(name);
        if (cost == null) throw new IllegalArgumentException("there is no unit cost " + name);
        return cost;
    }

    /** A cost as a figure to calculate with. */
    Figure figure(String name) {
        return Figure.of(get(name));
    }

    /** The overhead of a busy process beside its work: microseconds of CPU time a second. */
    Figure busy(String part) {
        return figure(part + ".cpu.base").plus(figure(part + ".cpu.busy"));
    }

    /**
     * Replaces costs by the medians of several runs.
     *
     * @throws IllegalArgumentException if a run has a cost with an unknown name, which nothing would use
     */
    public Costs with(List<Costs> runs) {
        var values = new LinkedHashMap<String, List<Cost>>();
        for (var run : runs)
            for (var cost : run.all()) values.computeIfAbsent(cost.name(), _ -> new ArrayList<>()).add(cost);
        values.keySet().forEach(this::get);
        return new Costs(all().stream().map(old -> values.containsKey(old.name())
                ? merged(Objects.requireNonNull(values.get(old.name())))
                : old).toList());
    }

    private static Cost merged(List<Cost> runs) {
        var last = runs.getLast();
        var values = runs.stream().map(Cost::value).toList();
        var measured = Objects.requireNonNull(last.measured(), last.name());
        return new Cost(last.name(), rounded(Measured.median(values)), last.unit(), last.what(),
                new Measured(measured.on(), measured.command(), values), null);
    }

    /** Rounds to three digits, the precision of the measurements. */
    public static double rounded(double value) {
        return value == 0 ? 0 : BigDecimal.valueOf(value).round(new MathContext(3)).doubleValue();
    }
}
