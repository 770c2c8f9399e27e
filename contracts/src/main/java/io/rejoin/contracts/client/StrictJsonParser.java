package io.rejoin.contracts.client;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import io.rejoin.contracts.JsonText;
import java.io.IOException;

/**
 * Parses a value that other clients will have to read. Refuses a number that does not fit a double, and text that has
 * no UTF-8.
 */
final class StrictJsonParser extends JsonParserDelegate {
    /** Some readers refuse longer exponents, even those of a zero. */
    private static final int MAX_EXPONENT_DIGITS = 4;

    /** Thrown for valid JSON that not all clients can read. The message is for the client. */
    static final class NotStrictException extends JsonParseException {
        private static final long serialVersionUID = 1L;

        NotStrictException(JsonParser parser, String message) {
            super(parser, message);
        }
    }

    /** Continues at the parser's current token. */
    StrictJsonParser(JsonParser parser) throws IOException {
        super(parser);
        check(parser.currentToken());
    }

    @Override
    public JsonToken nextToken() throws IOException {
        var token = super.nextToken();
        check(token);
        return token;
    }

    private void check(JsonToken token) throws IOException {
        switch (token) {
            case FIELD_NAME, VALUE_STRING -> {
                if (!JsonText.isWellFormed(getText()))
                    throw new NotStrictException(this,
                            "\"data\" must not have half of a surrogate pair: it has no UTF-8");
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                if (!isWithinDouble(getText()))
                    throw new NotStrictException(this, "the number " + FrameFields.Field.shortened(getText())
                            + " does not fit a double: send it as a string");
            }
            default -> {
                // every reader can read this
            }
        }
    }

    /**
     * Whether a reader that parses the number as a double gets about the same value. Accepts every number without an
     * exponent, however long.
     */
    static boolean isWithinDouble(String number) {
        var exponent = Math.max(number.indexOf('e'), number.indexOf('E'));
        if (exponent < 0) return true;
        var digits = number.substring(exponent + 1).replaceFirst("^[+-]?0*", "");
        if (digits.length() > MAX_EXPONENT_DIGITS) return false;
        var value = Double.parseDouble(number);
        return !Double.isInfinite(value) && (value != 0 || isZero(number.substring(0, exponent)));
    }

    private static boolean isZero(String mantissa) {
        return mantissa.chars().allMatch(c -> c == '-' || c == '0' || c == '.');
    }
}
