package io.rejoin.tracing;

import io.rejoin.contracts.env.Settings;
import java.math.BigDecimal;

/**
 * Settings of tracing: the fraction of posts that is traced.
 *
 * @param part from 0 for none to 1 for all. An edge decides for each post. Routers and history continue the traces that
 *             an edge has started
 */
public record TraceSettings(double part) {
    private static final String VARIABLE = "REJOIN_TRACES";

    /** Tracing is off. */
    public static final TraceSettings OFF = new TraceSettings(0);

    /** Reads {@code REJOIN_TRACES}. Reports an unusable value to the settings. */
    public static TraceSettings read(Settings settings) {
        var text = settings.text(VARIABLE);
        if (text == null) return OFF;
        try {
            var part = new BigDecimal(text);
            if (part.signum() >= 0 && part.compareTo(BigDecimal.ONE) <= 0)
                return new TraceSettings(part.doubleValue());
        } catch (NumberFormatException _) {
            // reported below
        }
        settings.problem(VARIABLE + " is the fraction of posts to trace and must be from 0 to 1, such as 0.01, not "
                + Settings.shown(text));
        return OFF;
    }

    boolean isOff() {
        return part == 0;
    }
}
