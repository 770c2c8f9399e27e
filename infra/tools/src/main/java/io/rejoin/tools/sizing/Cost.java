package io.rejoin.tools.sizing;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * The cost of one unit of work.
 *
 * @param name     such as {@code edge.cpu.post}
 * @param unit     {@code bytes}, {@code µs} of CPU time, or either with {@code /s} for a constant load
 * @param what     the unit of work
 * @param measured where the value comes from; null if it was never measured
 * @param assumed  the reason for a value that was not measured; null if it was
 */
@JsonPropertyOrder({"name", "value", "unit", "what", "measured", "assumed"})
public record Cost(String name, double value, String unit, String what, @Nullable Measured measured,
        @Nullable String assumed) {
    public Cost {
        if ((measured == null) == (assumed == null))
            throw new IllegalArgumentException(name + ": a unit cost must be either measured or assumed");
        if (!(value >= 0) || Double.isInfinite(value))
            throw new IllegalArgumentException(name + " is " + value + ", but must be a number of at least 0");
    }

    @JsonIgnore
    public boolean isAssumed() {
        return assumed != null;
    }
}
