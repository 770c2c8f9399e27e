package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.math.BigDecimal;
import java.util.BitSet;

/**
 * Checks that bytes are one JSON value in UTF-8, without white space, that all our JSON readers accept. Keeps no
 * values. Throws {@link IllegalArgumentException} for a fault.
 */
final class JsonValidator {
    /** A number with at most this many characters always has an exponent that {@link BigDecimal} accepts. */
    private static final int MAX_UNCHECKED_NUMBER = 10;

    private final byte[] json;
    private final BitSet isObjectAtDepth = new BitSet();
    private int depth;
    /** How many characters were written as numeric escapes: a backslash, u, and four digits. */
    private int numericEscapes;
    private int position;

    private JsonValidator(byte[] json) {
        this.json = json;
    }

    static void check(byte[] json) {
        var validator = new JsonValidator(json);
        validator.scanValue();
        if (validator.position < json.length) throw validator.malformed();
    }

    /** Scans one value, with all nested values. */
    private void scanValue() {
        do {
            if (scanStart()) continue; // an array or object that is not empty
            while (depth > 0 && scanAfterValue()) depth--;
        } while (depth > 0);
    }

    /** Scans a value, or the start of an array or object. Returns true if a nested value must follow. */
    private boolean scanStart() {
        var first = peek();
        switch (first) {
            case '{', '[' -> {
                position++;
                var isObject = first == '{';
                enterContainer(isObject);
                if (skipIf(isObject ? '}' : ']')) {
                    depth--;
                    return false;
                }
                if (isObject) scanName();
                return true;
            }
            case '"' -> scanString();
            case 't' -> scanLiteral("true");
            case 'f' -> scanLiteral("false");
            case 'n' -> scanLiteral("null");
            default -> scanNumber();
        }
        return false;
    }

    private void enterContainer(boolean isObject) {
        isObjectAtDepth.set(depth++, isObject);
        if (depth > Json.MAX_DEPTH)
            throw new IllegalArgumentException("the JSON is nested deeper than " + Json.MAX_DEPTH);
    }

    /** Scans what follows a value. Returns true if the array or object ends, false if another value must follow. */
    private boolean scanAfterValue() {
        var isObject = isObjectAtDepth.get(depth - 1);
        if (skipIf(isObject ? '}' : ']')) return true;
        expect(',');
        if (isObject) scanName();
        return false;
    }

    /**
     * Scans a name and its colon. Readers limit a name by its bytes in UTF-8. A numeric escape has six bytes here, and
     * gives at most three bytes of UTF-8.
     */
    private void scanName() {
        var from = position;
        var escapesBefore = numericEscapes;
        scanString();
        if (position - from - 3 * (numericEscapes - escapesBefore) > Json.MAX_NAME)
            throw new IllegalArgumentException("a name in the JSON has more than " + Json.MAX_NAME + " bytes");
        expect(':');
    }

    private void scanLiteral(String literal) {
        for (var i = 0; i < literal.length(); i++) expect(literal.charAt(i));
    }

    private void scanNumber() {
        var from = position;
        skipIf('-');
        if (!skipIf('0')) scanDigits();
        var isWhole = true;
        if (skipIf('.')) {
            scanDigits();
            isWhole = false;
        }
        if (skipIf('e') || skipIf('E')) {
            if (!skipIf('+')) skipIf('-');
            scanDigits();
            isWhole = false;
        }
        checkNumber(from, isWhole);
    }

    private void scanDigits() {
        if (!isDigit()) throw malformed();
        while (isDigit()) position++;
    }

    private boolean isDigit() {
        return position < json.length && json[position] >= '0' && json[position] <= '9';
    }

    /** Checks the length of a number, and that its exponent fits a {@link BigDecimal}, because readers create one. */
    private void checkNumber(int from, boolean isWhole) {
        var length = position - from;
        if (length > Json.MAX_NUMBER)
            throw new IllegalArgumentException("a number in the JSON has more than " + Json.MAX_NUMBER + " characters");
        if (isWhole || length <= MAX_UNCHECKED_NUMBER) return;
        try {
            var _ = new BigDecimal(new String(json, from, length, ISO_8859_1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a number in the JSON has an exponent that is too large", e);
        }
    }

    private void scanString() {
        expect('"');
        while (true) {
            var b = peek();
            position++;
            if (b == '"') return;
            if (b == '\\') scanEscape();
            else if (b < 0) scanMultiByte(b & 0xff);
            else if (b < ' ') throw malformed();
        }
    }

    private void scanEscape() {
        var letter = peek();
        position++;
        switch (letter) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                // one character
            }
            case 'u' -> {
                for (var i = 0; i < 4; i++) scanHexDigit();
                numericEscapes++;
            }
            default -> throw malformed();
        }
    }

    private void scanHexDigit() {
        if (Character.digit(peek(), 16) < 0) throw malformed();
        position++;
    }

    /**
     * Scans a character of two to four bytes. RFC 3629, section 4: no overlong form, no surrogates, nothing above
     * U+10FFFF.
     */
    private void scanMultiByte(int first) {
        if (first >= 0xc2 && first <= 0xdf) scanContinuationByte(0x80, 0xbf);
        else if (first >= 0xe0 && first <= 0xef) {
            scanContinuationByte(first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
            scanContinuationByte(0x80, 0xbf);
        } else if (first >= 0xf0 && first <= 0xf4) {
            scanContinuationByte(first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
            scanContinuationByte(0x80, 0xbf);
            scanContinuationByte(0x80, 0xbf);
        } else
            throw malformed();
    }

    private void scanContinuationByte(int min, int max) {
        var b = peek() & 0xff;
        if (b < min || b > max) throw malformed();
        position++;
    }

    private byte peek() {
        if (position >= json.length) throw malformed();
        return json[position];
    }

    private boolean skipIf(char wanted) {
        if (position >= json.length || json[position] != wanted) return false;
        position++;
        return true;
    }

    private void expect(char wanted) {
        if (!skipIf(wanted)) throw malformed();
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("the JSON is broken at byte " + position);
    }
}
