package io.rejoin.tools.sizing;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * What one unit of work takes.
 *
 * @param name     what it is called here, {@code edge.cpu.post} for instance
 * @param unit     {@code bytes}, {@code µs} of CPU time, or either {@code /s} for what is taken all the time
 * @param what     what the unit of work is
 * @param measured where the value comes from; null if it was never measured
 * @param assumed  why the value is what it is, though nobody measured it; null if somebody did
 */
@JsonPropertyOrder({"name", "value", "unit", "what", "measured", "assumed"})
public record Cost(String name, double value, String unit, String what, @Nullable Measured measured,
        @Nullable String assumed) {
    public Cost {
        if ((measured == null) == (assumed == null))
            throw new IllegalArgumentException(name + ": a cost is either measured or assumed");
        if (!(value >= 0) || Double.isInfinite(value)) throw new IllegalArgumentException(name + " is " + value);
    }

    @JsonIgnore
    public boolean isAssumed() {
        return assumed != null;
    }
}
