package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The positions of the elements of one array in a JSON document. They are found by quotes and brackets alone, so a
 * fault inside one element does not affect the others. If the quotes or brackets themselves are broken, the end of an
 * element is unknown. Then the whole document is malformed.
 */
final class JsonArrayScanner {
    /** Maximum number of elements: ten times as many as an edge writes into one record. */
    static final int MAX = 10_000;

    private record Span(int from, int to) {}

    private final byte[] json;
    private final List<Span> spans = new ArrayList<>();
    private int arrayFrom = -1;
    private int arrayTo;
    private int at;

    private JsonArrayScanner(byte[] json) {
        this.json = json;
    }

    /**
     * Finds the elements of an array, in a document that is an object with the array as a member.
     *
     * @param member name of that member
     */
    static JsonArrayScanner of(byte[] json, String member) throws MalformedRecordException {
        var elements = new JsonArrayScanner(json);
        elements.skipSpace();
        elements.object(member);
        if (elements.arrayFrom < 0) throw new MalformedRecordException("no array " + member);
        return elements;
    }

    int count() {
        return spans.size();
    }

    byte[] element(int index) {
        var span = spans.get(index);
        return Arrays.copyOfRange(json, span.from(), span.to());
    }

    /** Returns the document with only these elements in the array. */
    byte[] with(List<Integer> indexes) {
        var document = new ByteArrayOutputStream(json.length);
        document.write(json, 0, arrayFrom);
        document.write('[');
        var between = "";
        for (var index : indexes) {
            var span = spans.get(index);
            document.writeBytes(between.getBytes(UTF_8));
            document.write(json, span.from(), span.to() - span.from());
            between = ",";
        }
        document.write(']');
        document.write(json, arrayTo, json.length - arrayTo);
        return document.toByteArray();
    }

    private void object(String member) throws MalformedRecordException {
        expect('{');
        skipSpace();
        if (skipIf('}')) return;
        do {
            skipSpace();
            var name = name();
            skipSpace();
            expect(':');
            skipSpace();
            if (name.equals(member)) array();
            else
                skipValue();
            skipSpace();
        } while (skipIf(','));
        expect('}');
    }

    private String name() throws MalformedRecordException {
        var from = at + 1;
        skipString();
        return new String(json, from, at - 1 - from, UTF_8);
    }

    private void array() throws MalformedRecordException {
        if (arrayFrom >= 0) throw new MalformedRecordException("the array appears twice");
        arrayFrom = at;
        expect('[');
        skipSpace();
        if (!skipIf(']')) {
            do {
                skipSpace();
                var from = at;
                skipValue();
                spans.add(new Span(from, at));
                if (spans.size() > MAX) throw new MalformedRecordException("more than " + MAX + " elements");
                skipSpace();
            } while (skipIf(','));
            expect(']');
        }
        arrayTo = at;
    }

    private void skipValue() throws MalformedRecordException {
        switch (peek()) {
            case '"' -> skipString();
            case '{', '[' -> skipContainer();
            default -> skipScalar();
        }
    }

    private void skipScalar() throws MalformedRecordException {
        var from = at;
        while (at < json.length && !isEnd(json[at])) at++;
        if (at == from) throw broken();
    }

    private static boolean isEnd(byte b) {
        return b == ',' || b == ']' || b == '}' || isSpace(b) || b == '"' || b == '\\' || b == '{' || b == '['
                || b == ':';
    }

    private void skipContainer() throws MalformedRecordException {
        var objects = new BitSet();
        var depth = 0;
        do {
            switch (peek()) {
                case '"' -> {
                    skipString();
                    continue;
                }
                case '{' -> objects.set(depth++);
                case '[' -> objects.clear(depth++);
                case '}' -> {
                    if (!objects.get(--depth)) throw broken();
                }
                case ']' -> {
                    if (objects.get(--depth)) throw broken();
                }
                case '\\' -> throw broken();
                default -> {
                }
            }
            at++;
        } while (depth > 0);
    }

    private void skipString() throws MalformedRecordException {
        expect('"');
        while (peek() != '"') at += peek() == '\\' ? 2 : 1;
        at++;
    }

    private void skipSpace() {
        while (at < json.length && isSpace(json[at])) at++;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private boolean skipIf(char wanted) throws MalformedRecordException {
        if (peek() != wanted) return false;
        at++;
        return true;
    }

    private void expect(char wanted) throws MalformedRecordException {
        if (!skipIf(wanted)) throw broken();
    }

    private byte peek() throws MalformedRecordException {
        if (at >= json.length) throw broken();
        return json[at];
    }

    private MalformedRecordException broken() {
        return new MalformedRecordException("the JSON is broken at byte " + Math.min(at, json.length));
    }
}
