package io.rejoin.contracts.client;

import java.math.BigDecimal;

/** Whole numbers in JSON, which has no word for them: many platforms write 5 as {@code 5.0}. */
final class WholeNumber {
    private static final int MOST_DIGITS = 19;

    private WholeNumber() {}

    /**
     * The number, if it is whole and not too large.
     *
     * @throws ArithmeticException that says why it is neither, after the number itself
     */
    static long of(String json) {
        var number = number(json);
        if (number.signum() == 0) return 0;
        var digits = (long) number.precision() - number.scale(); // before the point; of 1e999999999 nobody wants the others
        if (digits > MOST_DIGITS) throw new ArithmeticException("beyond the largest whole number, " + Long.MAX_VALUE);
        if (digits <= 0 || number.stripTrailingZeros().scale() > 0) throw new ArithmeticException("not a whole number");
        try {
            return number.longValueExact();
        } catch (ArithmeticException _) {
            throw new ArithmeticException("beyond the largest whole number, " + Long.MAX_VALUE);
        }
    }

    private static BigDecimal number(String json) {
        try {
            return new BigDecimal(json);
        } catch (NumberFormatException _) { // JSON, but the exponent is out of range
            throw new ArithmeticException("beyond any number that can be used");
        }
    }
}
