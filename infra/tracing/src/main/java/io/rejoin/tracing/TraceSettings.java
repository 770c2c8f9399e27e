package io.rejoin.tracing;

import io.rejoin.contracts.env.Settings;
import java.math.BigDecimal;

/**
 * Which part of the posts is traced.
 *
 * @param part from 0, none, to 1, every post. An edge decides it for each post; routers and history go on with what an edge began
 */
public record TraceSettings(double part) {
    private static final String VARIABLE = "REJOIN_TRACES";

    /** No traces. */
    public static final TraceSettings OFF = new TraceSettings(0);

    /** Reads {@code REJOIN_TRACES}. What cannot be used is noted in the settings. */
    public static TraceSettings read(Settings settings) {
        var text = settings.text(VARIABLE);
        if (text == null) return OFF;
        try {
            var part = new BigDecimal(text);
            if (part.signum() >= 0 && part.compareTo(BigDecimal.ONE) <= 0)
                return new TraceSettings(part.doubleValue());
        } catch (NumberFormatException _) {
            // named below
        }
        settings.problem(VARIABLE + " is the part of the posts that is traced, from 0 to 1 such as 0.01, not "
                + Settings.shown(text));
        return OFF;
    }

    boolean isOff() {
        return part == 0;
    }
}
