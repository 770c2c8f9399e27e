package io.rejoin.tools.sizing;

import java.util.List;

/**
 * The source of a measured value.
 *
 * @param on      the date, the machine and the version
 * @param command the command that measures the value again, in the root of the project
 * @param values  the value of each run; the cost is their median
 */
public record Measured(String on, String command, List<Double> values) {
    public Measured {
        values = List.copyOf(values);
        if (on.isBlank() || command.isBlank() || values.isEmpty())
            throw new IllegalArgumentException("a measured cost needs a machine, a command and values");
    }

    /** The median; for an even number of values, the mean of the middle two. */
    public static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        var middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
