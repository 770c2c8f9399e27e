package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * One series of a panel, with its name in the legend.
 *
 * @param points in time order, without values that are no number
 */
record Line(String name, List<Point> points) {
    private static final Pattern LABEL = Pattern.compile("\\{\\{\\s*([a-zA-Z_]\\w*)\\s*}}");

    /** @param second seconds since 1970 */
    record Point(long second, double value) {}

    Line {
        points = List.copyOf(points);
    }

    /** Parses the answer to a range query, which is a matrix. */
    static List<Line> of(JsonNode matrix, String legend) {
        var lines = new ArrayList<Line>();
        for (var series : matrix) {
            var points = new ArrayList<Point>();
            for (var value : series.path("values")) {
                var number = value.path(1).asText();
                if (!number.equals("NaN") && !number.endsWith("Inf"))
                    points.add(new Point(value.path(0).asLong(), Double.parseDouble(number)));
            }
            lines.add(new Line(name(legend, series.path("metric")), points));
        }
        return lines;
    }

    /** The name that Grafana gives a series: the format with labels filled in. Without a format: all labels. */
    private static String name(String legend, JsonNode labels) {
        if (legend.isEmpty()) return labels.isEmpty() ? "Value" : labels.toString();
        return LABEL.matcher(legend).replaceAll(found -> labels.path(found.group(1)).asText());
    }

    /** Stacks the lines: each value is added to the sum of the lines before it. A missing value counts as 0. */
    static List<Line> stacked(List<Line> lines) {
        var sums = new HashMap<Long, Double>();
        var stacked = new ArrayList<Line>();
        for (var line : lines)
            stacked.add(new Line(line.name, line.points.stream()
                    .map(point -> new Point(point.second, sums.merge(point.second, point.value, Double::sum)))
                    .toList()));
        return stacked;
    }

    boolean isZero() {
        return points.stream().allMatch(point -> point.value() == 0);
    }

    OptionalDouble last() {
        return points.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(points.getLast().value());
    }
}
