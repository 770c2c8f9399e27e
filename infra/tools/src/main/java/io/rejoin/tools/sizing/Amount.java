package io.rejoin.tools.sizing;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/** Formats numbers for people: two or three digits, and a unit that fits. */
public final class Amount {
    private static final List<String> STEPS = List.of("", "k", "M", "G", "T", "P", "E");
    private static final double STEP = 1000;

    private Amount() {}

    /**
     * Formats a value with its unit. A count, with unit {@code ""}, keeps all its digits. Bytes get a prefix, and
     * seconds a unit that fits. Values below 100 are rounded up to two digits, others to three.
     */
    public static String text(double value, String unit) {
        return switch (unit) {
            case "" -> String.format(Locale.ROOT, "%,.0f", value).replace(',', ' ');
            case "bytes", "bytes/s" -> prefixed(value) + (unit.equals("bytes") ? "B" : "B/s");
            case "s" -> seconds(value);
            default -> rounded(value) + " " + unit;
        };
    }

    /** Formats a value without a prefix, and without the meaningless digits of a double. */
    static String plain(double value) {
        return BigDecimal.valueOf(value).round(new MathContext(10)).stripTrailingZeros().toPlainString();
    }

    private static String prefixed(double value) {
        var step = 0;
        while (value >= STEP * 0.9995 && step < STEPS.size() - 1) {
            value /= STEP;
            step++;
        }
        return rounded(value) + " " + STEPS.get(step);
    }

    private static String seconds(double value) {
        if (value < 120) return rounded(value) + " s";
        if (value < 7_200) return rounded(value / 60) + " min";
        if (value < 172_800) return rounded(value / 3_600) + " h";
        return rounded(value / 86_400) + " d";
    }

    private static String rounded(double value) {
        if (value == 0) return "0";
        var digits = new BigDecimal(value).round(new MathContext(2, RoundingMode.CEILING));
        return value >= 100 ? grouped(value) : digits.stripTrailingZeros().toPlainString();
    }

    private static String grouped(double value) {
        var digits = BigDecimal.valueOf(value).round(new MathContext(3, RoundingMode.CEILING)).doubleValue();
        return String.format(Locale.ROOT, "%,.0f", digits).replace(',', ' ');
    }
}
