package io.rejoin.contracts.client;

import java.math.BigDecimal;

/** Parses whole numbers in JSON. JSON has no type for them: many platforms write 5 as {@code 5.0}. */
final class WholeNumber {
    private static final int MAX_DIGITS = 19;

    private WholeNumber() {}

    /**
     * Returns the number, if it is whole and fits a long.
     *
     * @throws ArithmeticException with a text that says why it does not; the caller puts the number before the text
     */
    static long of(String json) {
        var number = parse(json);
        if (number.signum() == 0) return 0;
        var digits = (long) number.precision() - number.scale(); // before the point; never expand 1e999999999
        if (digits > MAX_DIGITS) throw new ArithmeticException("beyond the largest whole number, " + Long.MAX_VALUE);
        if (digits <= 0 || number.stripTrailingZeros().scale() > 0) throw new ArithmeticException("not a whole number");
        try {
            return number.longValueExact();
        } catch (ArithmeticException _) {
            throw new ArithmeticException("beyond the largest whole number, " + Long.MAX_VALUE);
        }
    }

    private static BigDecimal parse(String json) {
        try {
            return new BigDecimal(json);
        } catch (NumberFormatException _) { // valid JSON, but the exponent is out of range
            throw new ArithmeticException("beyond any number that this server can use");
        }
    }
}
