package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * One series of a panel, under the name that the legend gives it.
 *
 * @param points in the order of time, those without a number left out
 */
record Line(String name, List<Point> points) {
    private static final Pattern LABEL = Pattern.compile("\\{\\{\\s*([a-zA-Z_]\\w*)\\s*}}");

    /** @param second since 1970 */
    record Point(long second, double value) {}

    Line {
        points = List.copyOf(points);
    }

    /** The answer to a range query, which is a matrix. */
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

    /** As Grafana names a series: labels are put in; without a format, all of them are told. */
    private static String name(String legend, JsonNode labels) {
        if (legend.isEmpty()) return labels.isEmpty() ? "Value" : labels.toString();
        return LABEL.matcher(legend).replaceAll(found -> labels.path(found.group(1)).asText());
    }

    /** Each on the sum of those before it; where one of them has no number it counts as nothing. */
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
