package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A panel of a dashboard, read from its JSON.
 *
 * @param description empty if there is none
 * @param colored     whether the threshold's colour fills the panel
 * @param stacked     whether lines are stacked
 * @param hidesZeros  whether the legend omits lines that are always zero
 * @param logarithmic whether the value axis is logarithmic
 * @param limits      whether thresholds are drawn as lines
 * @param colors      fixed colours by line name
 */
record Panel(Kind kind, String title, String description, Grid grid, Unit unit, OptionalInt decimals,
        OptionalDouble min, OptionalDouble max, boolean colored, boolean stacked, boolean hidesZeros,
        boolean logarithmic, boolean limits, Map<String, String> colors, List<Threshold> thresholds,
        List<Query> queries) {
    /** The kinds of Grafana's panels that can be drawn. */
    enum Kind {
        ROW, STAT, TIMESERIES
    }

    /** A colour for values from {@code from} on; the first threshold of a panel has no lower bound. */
    record Threshold(double from, String color) {}

    /** An expression with Grafana's variables, and the format of its series' names. */
    record Query(String text, String legend) {
        /** The expression with its variables replaced, for all namespaces and instances. */
        String expression(String rateInterval) {
            return text.replace("$__rate_interval", rateInterval).replace("$namespace", ".*").replace("$instance",
                    ".*");
        }
    }

    Panel {
        colors = Map.copyOf(colors);
        thresholds = List.copyOf(thresholds);
        queries = List.copyOf(queries);
    }

    static Panel of(JsonNode json) {
        var defaults = json.at("/fieldConfig/defaults");
        var title = json.path("title").asText();
        return new Panel(kind(json.path("type").asText(), title), title, json.path("description").asText(),
                Grid.of(json.path("gridPos")), Unit.of(defaults.path("unit").asText("short")),
                defaults.has("decimals") ? OptionalInt.of(defaults.path("decimals").asInt()) : OptionalInt.empty(),
                number(defaults.path("min")), number(defaults.path("max")),
                json.at("/options/colorMode").asText().equals("background"),
                defaults.at("/custom/stacking/mode").asText().equals("normal"),
                stream(json.at("/fieldConfig/overrides"))
                        .anyMatch(override -> override.at("/matcher/options/reducer").asText().equals("allIsZero")),
                defaults.at("/custom/scaleDistribution/type").asText().equals("log"),
                !defaults.at("/custom/thresholdsStyle/mode").asText("off").equals("off"),
                stream(json.at("/fieldConfig/overrides"))
                        .filter(override -> override.at("/matcher/id").asText().equals("byName"))
                        .collect(Collectors.toMap(override -> override.at("/matcher/options").asText(),
                                override -> override.at("/properties/0/value/fixedColor").asText())),
                stream(defaults.at("/thresholds/steps"))
                        .map(step -> new Threshold(number(step.path("value")).orElse(Double.NEGATIVE_INFINITY),
                                step.path("color").asText()))
                        .toList(),
                stream(json.path("targets"))
                        .map(target -> new Query(target.path("expr").asText(), target.path("legendFormat").asText()))
                        .toList());
    }

    /** The colour of a value. */
    String color(double value) {
        return thresholds.stream().filter(threshold -> value >= threshold.from()).reduce((_, later) -> later)
                .map(Threshold::color).orElse("text");
    }

    private static Kind kind(String type, String title) {
        return switch (type) {
            case "row" -> Kind.ROW;
            case "stat" -> Kind.STAT;
            case "timeseries" -> Kind.TIMESERIES;
            default -> throw new IllegalArgumentException(
                    "the panel " + title + " is a " + type + ", which io.rejoin.e2e.pictures cannot draw yet");
        };
    }

    private static OptionalDouble number(JsonNode node) {
        return node.isNumber() ? OptionalDouble.of(node.asDouble()) : OptionalDouble.empty();
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
