package io.rejoin.tools.sizing;

import java.util.List;

/**
 * One number that came out.
 *
 * @param part    whose it is: {@code edge}, {@code kafka} and so on
 * @param what    the number tells
 * @param unit    {@code ""} for a count
 * @param why     what decides it, in a line
 * @param assumed names of the costs it rests on that nobody measured, sorted
 */
public record Row(String part, String what, double value, String unit, String why, List<String> assumed) {
    public Row {
        assumed = List.copyOf(assumed);
    }

    static Row of(String part, String what, Figure figure, String unit, String why) {
        return new Row(part, what, figure.value(), unit, why, figure.assumed().stream().sorted().toList());
    }
}
