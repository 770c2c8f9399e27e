package io.rejoin.tools.sizing;

import java.util.Set;
import java.util.TreeSet;

/**
 * A number, and the assumed costs that it depends on.
 *
 * @param assumed names of costs that were not measured
 */
public record Figure(double value, Set<String> assumed) {
    public Figure {
        assumed = Set.copyOf(assumed);
    }

    static Figure of(double value) {
        return new Figure(value, Set.of());
    }

    static Figure of(Cost cost) {
        return new Figure(cost.value(), cost.isAssumed() ? Set.of(cost.name()) : Set.of());
    }

    Figure plus(Figure other) {
        return with(value + other.value, other);
    }

    Figure minus(Figure other) {
        return with(value - other.value, other);
    }

    Figure times(double factor) {
        return new Figure(value * factor, assumed);
    }

    Figure times(Figure other) {
        return with(value * other.value, other);
    }

    Figure over(double divisor) {
        return new Figure(value / divisor, assumed);
    }

    Figure over(Figure other) {
        return with(value / other.value, other);
    }

    /** Rounds up to a whole number. A number that is whole except for rounding errors stays as it is. */
    Figure up() {
        return new Figure(Math.ceil(value - 1e-9), assumed);
    }

    /** The greater number, with its own assumptions only; with both if the numbers are equal. */
    Figure max(Figure other) {
        if (value == other.value) return with(value, other);
        return value > other.value ? this : other;
    }

    private Figure with(double result, Figure other) {
        if (other.assumed.isEmpty()) return new Figure(result, assumed);
        var both = new TreeSet<>(assumed);
        both.addAll(other.assumed);
        return new Figure(result, both);
    }
}
