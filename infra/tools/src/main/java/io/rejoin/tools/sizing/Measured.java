package io.rejoin.tools.sizing;

import java.util.List;

/**
 * Where a value comes from.
 *
 * @param on      the date, the machine and the version
 * @param command by which it can be measured again, in the root of the project
 * @param values  of each run; the cost is their median
 */
public record Measured(String on, String command, List<Double> values) {
    public Measured {
        values = List.copyOf(values);
        if (on.isBlank() || command.isBlank() || values.isEmpty())
            throw new IllegalArgumentException("on what was it measured, by which command, and what came out?");
    }

    /** The one in the middle; of two there, half of both. */
    public static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        var middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
