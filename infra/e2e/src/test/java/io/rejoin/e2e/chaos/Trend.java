package io.rejoin.e2e.chaos;

import java.util.List;

/**
 * How a measured value went.
 *
 * @param growth of the second half: what its best straight line rises by from the middle to the end
 */
record Trend(String name, double first, double most, double last, double mean, double growth) {
    /** A value at a second of the run. */
    record Point(double second, double value) {}

    /** Of points in the order of time, at least one. */
    static Trend of(String name, List<Point> points) {
        var half = points.subList(points.size() / 2, points.size());
        return new Trend(name, points.getFirst().value(),
                points.stream().mapToDouble(Point::value).max().orElseThrow(), points.getLast().value(),
                mean(half), slope(half) * (half.getLast().second() - half.getFirst().second()));
    }

    /** Whether the second half rose by less than a twentieth of its mean, or by less than is worth a word. */
    boolean isFlat() {
        return growth < Math.max(mean / 20, slack());
    }

    private double slack() {
        if (name.endsWith("live heap MiB")) return 2;
        return name.endsWith("MiB") ? 8 : name.endsWith("lag") ? 1_000 : 5;
    }

    private static double slope(List<Point> points) {
        var x = points.stream().mapToDouble(Point::second).average().orElseThrow();
        var y = mean(points);
        var covariance = points.stream().mapToDouble(point -> (point.second() - x) * (point.value() - y)).sum();
        var variance = points.stream().mapToDouble(point -> (point.second() - x) * (point.second() - x)).sum();
        return variance == 0 ? 0 : covariance / variance;
    }

    private static double mean(List<Point> points) {
        return points.stream().mapToDouble(Point::value).average().orElseThrow();
    }

    /** All that is known, and whether it is flat, if it should be: a heap grows to its bound, and posts are remembered for long. */
    String judged() {
        var mayRise = name.endsWith("memory MiB") || name.endsWith("posts remembered");
        return this + "   second half %+8.1f  %s".formatted(growth, isFlat() ? "flat" : mayRise ? "rises" : "RISING");
    }

    @Override
    public String toString() {
        return "%-28s first %8.1f   most %8.1f   last %8.1f".formatted(name, first, most, last);
    }
}
