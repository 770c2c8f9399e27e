package io.rejoin.e2e.chaos;

import java.util.List;

/**
 * Trend of a measured value over a run.
 *
 * @param growth increase of the best straight line over the second half
 */
record Trend(String name, double first, double most, double last, double mean, double growth) {
    /** A value at a time in seconds since the run began. */
    record Point(double second, double value) {}

    /** The trend of points in time order; at least one point. */
    static Trend of(String name, List<Point> points) {
        var half = points.subList(points.size() / 2, points.size());
        return new Trend(name, points.getFirst().value(),
                points.stream().mapToDouble(Point::value).max().orElseThrow(), points.getLast().value(),
                mean(half), slope(half) * (half.getLast().second() - half.getFirst().second()));
    }

    /** Whether the second half grew by less than a twentieth of its mean, or by less than an insignificant amount. */
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

    /**
     * Text with the growth and a verdict. A process's memory may grow to its limit, and remembered posts may grow for
     * hours.
     */
    String judged() {
        var mayRise = name.endsWith("memory MiB") || name.endsWith("posts remembered");
        return this + "   second half %+8.1f  %s".formatted(growth, isFlat() ? "flat" : mayRise ? "rises" : "RISING");
    }

    @Override
    public String toString() {
        return "%-28s first %8.1f   max %8.1f   last %8.1f".formatted(name, first, most, last);
    }
}
