package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.math.BigDecimal;
import java.util.BitSet;

/**
 * Checks that bytes are one JSON value in UTF-8, without white space, that all our JSON readers accept. Keeps no
 * values. Throws {@link IllegalArgumentException} for a fault.
 */
final class JsonScan {
    /** A number with at most this many characters always has an exponent that {@link BigDecimal} accepts. */
    private static final int MAX_UNCHECKED_NUMBER = 10;

    private final byte[] json;
    private final BitSet objects = new BitSet();
    private int depth;
    /** How many characters were written as numeric escapes: a backslash, u, and four digits. */
    private int numbered;
    private int at;

    private JsonScan(byte[] json) {
        this.json = json;
    }

    static void check(byte[] json) {
        var scan = new JsonScan(json);
        scan.values();
        if (scan.at < json.length) throw scan.broken();
    }

    /** Scans one value, with all nested values. */
    private void values() {
        do {
            if (begins()) continue; // an array or object that is not empty
            while (depth > 0 && ends()) depth--;
        } while (depth > 0);
    }

    /** Scans a value, or the start of an array or object. Returns true if a nested value must follow. */
    private boolean begins() {
        var first = peek();
        switch (first) {
            case '{', '[' -> {
                at++;
                var isObject = first == '{';
                open(isObject);
                if (skipIf(isObject ? '}' : ']')) {
                    depth--;
                    return false;
                }
                if (isObject) name();
                return true;
            }
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
        return false;
    }

    private void open(boolean isObject) {
        objects.set(depth++, isObject);
        if (depth > Json.MAX_DEPTH)
            throw new IllegalArgumentException("the JSON is nested deeper than " + Json.MAX_DEPTH);
    }

    /** Scans what follows a value. Returns true if the array or object ends, false if another value must follow. */
    private boolean ends() {
        var isObject = objects.get(depth - 1);
        if (skipIf(isObject ? '}' : ']')) return true;
        expect(',');
        if (isObject) name();
        return false;
    }

    /**
     * Scans a name and its colon. Readers limit a name by its bytes in UTF-8. A numeric escape has six bytes here, and
     * gives at most three bytes of UTF-8.
     */
    private void name() {
        var from = at;
        var before = numbered;
        string();
        if (at - from - 3 * (numbered - before) > Json.MAX_NAME)
            throw new IllegalArgumentException("a name in the JSON has more than " + Json.MAX_NAME + " bytes");
        expect(':');
    }

    private void word(String word) {
        for (var i = 0; i < word.length(); i++) expect(word.charAt(i));
    }

    private void number() {
        var from = at;
        skipIf('-');
        if (!skipIf('0')) digits();
        var isWhole = true;
        if (skipIf('.')) {
            digits();
            isWhole = false;
        }
        if (skipIf('e') || skipIf('E')) {
            if (!skipIf('+')) skipIf('-');
            digits();
            isWhole = false;
        }
        checkNumber(from, isWhole);
    }

    private void digits() {
        if (!isDigit()) throw broken();
        while (isDigit()) at++;
    }

    private boolean isDigit() {
        return at < json.length && json[at] >= '0' && json[at] <= '9';
    }

    /** Checks the length of a number, and that its exponent fits a {@link BigDecimal}, because readers create one. */
    private void checkNumber(int from, boolean isWhole) {
        var length = at - from;
        if (length > Json.MAX_NUMBER)
            throw new IllegalArgumentException("a number in the JSON has more than " + Json.MAX_NUMBER + " characters");
        if (isWhole || length <= MAX_UNCHECKED_NUMBER) return;
        try {
            var _ = new BigDecimal(new String(json, from, length, ISO_8859_1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a number in the JSON has an exponent that is too large", e);
        }
    }

    private void string() {
        expect('"');
        while (true) {
            var b = peek();
            at++;
            if (b == '"') return;
            if (b == '\\') escape();
            else if (b < 0) multiByte(b & 0xff);
            else if (b < ' ') throw broken();
        }
    }

    private void escape() {
        var letter = peek();
        at++;
        switch (letter) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                // one character
            }
            case 'u' -> {
                for (var i = 0; i < 4; i++) hexDigit();
                numbered++;
            }
            default -> throw broken();
        }
    }

    private void hexDigit() {
        if (Character.digit(peek(), 16) < 0) throw broken();
        at++;
    }

    /**
     * Scans a character of two to four bytes. RFC 3629, section 4: no overlong form, no surrogates, nothing above
     * U+10FFFF.
     */
    private void multiByte(int first) {
        if (first >= 0xc2 && first <= 0xdf) continuation(0x80, 0xbf);
        else if (first >= 0xe0 && first <= 0xef) {
            continuation(first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
            continuation(0x80, 0xbf);
        } else if (first >= 0xf0 && first <= 0xf4) {
            continuation(first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
            continuation(0x80, 0xbf);
            continuation(0x80, 0xbf);
        } else
            throw broken();
    }

    private void continuation(int least, int most) {
        var b = peek() & 0xff;
        if (b < least || b > most) throw broken();
        at++;
    }

    private byte peek() {
        if (at >= json.length) throw broken();
        return json[at];
    }

    private boolean skipIf(char wanted) {
        if (at >= json.length || json[at] != wanted) return false;
        at++;
        return true;
    }

    private void expect(char wanted) {
        if (!skipIf(wanted)) throw broken();
    }

    private IllegalArgumentException broken() {
        return new IllegalArgumentException("the JSON is broken at byte " + at);
    }
}
