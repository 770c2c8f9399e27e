package io.rejoin.tools.sizing;

import java.util.List;

/**
 * One number of the result.
 *
 * @param part    the part of the installation: {@code edge}, {@code kafka} and so on
 * @param what    what the number counts
 * @param unit    {@code ""} for a count
 * @param why     what determines the number, in one line
 * @param assumed sorted names of the assumed costs that the number depends on
 */
public record Row(String part, String what, double value, String unit, String why, List<String> assumed) {
    public Row {
        assumed = List.copyOf(assumed);
    }

    static Row of(String part, String what, Figure figure, String unit, String why) {
        return new Row(part, what, figure.value(), unit, why, figure.assumed().stream().sorted().toList());
    }
}
