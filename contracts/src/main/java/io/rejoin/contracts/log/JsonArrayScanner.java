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
    private int arrayStart = -1;
    private int arrayEnd;
    private int position;

    private JsonArrayScanner(byte[] json) {
        this.json = json;
    }

    /**
     * Finds the elements of an array, in a document that is an object with the array as a member.
     *
     * @param member name of that member
     */
    static JsonArrayScanner of(byte[] json, String member) throws MalformedRecordException {
        var scanner = new JsonArrayScanner(json);
        scanner.skipSpace();
        scanner.scanObject(member);
        if (scanner.arrayStart < 0) throw new MalformedRecordException("no array " + member);
        return scanner;
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
        document.write(json, 0, arrayStart);
        document.write('[');
        var separator = "";
        for (var index : indexes) {
            var span = spans.get(index);
            document.writeBytes(separator.getBytes(UTF_8));
            document.write(json, span.from(), span.to() - span.from());
            separator = ",";
        }
        document.write(']');
        document.write(json, arrayEnd, json.length - arrayEnd);
        return document.toByteArray();
    }

    private void scanObject(String member) throws MalformedRecordException {
        expect('{');
        skipSpace();
        if (skipIf('}')) return;
        do {
            skipSpace();
            var name = readName();
            skipSpace();
            expect(':');
            skipSpace();
            if (name.equals(member)) scanArray();
            else
                skipValue();
            skipSpace();
        } while (skipIf(','));
        expect('}');
    }

    private String readName() throws MalformedRecordException {
        var from = position + 1;
        skipString();
        return new String(json, from, position - 1 - from, UTF_8);
    }

    private void scanArray() throws MalformedRecordException {
        if (arrayStart >= 0) throw new MalformedRecordException("the array appears twice");
        arrayStart = position;
        expect('[');
        skipSpace();
        if (!skipIf(']')) {
            do {
                skipSpace();
                var from = position;
                skipValue();
                spans.add(new Span(from, position));
                if (spans.size() > MAX) throw new MalformedRecordException("more than " + MAX + " elements");
                skipSpace();
            } while (skipIf(','));
            expect(']');
        }
        arrayEnd = position;
    }

    private void skipValue() throws MalformedRecordException {
        switch (peek()) {
            case '"' -> skipString();
            case '{', '[' -> skipContainer();
            default -> skipScalar();
        }
    }

    private void skipScalar() throws MalformedRecordException {
        var from = position;
        while (position < json.length && !isScalarEnd(json[position])) position++;
        if (position == from) throw malformed();
    }

    private static boolean isScalarEnd(byte b) {
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
                    if (!objects.get(--depth)) throw malformed();
                }
                case ']' -> {
                    if (objects.get(--depth)) throw malformed();
                }
                case '\\' -> throw malformed();
                default -> {
                }
            }
            position++;
        } while (depth > 0);
    }

    private void skipString() throws MalformedRecordException {
        expect('"');
        while (peek() != '"') position += peek() == '\\' ? 2 : 1;
        position++;
    }

    private void skipSpace() {
        while (position < json.length && isSpace(json[position])) position++;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private boolean skipIf(char wanted) throws MalformedRecordException {
        if (peek() != wanted) return false;
        position++;
        return true;
    }

    private void expect(char wanted) throws MalformedRecordException {
        if (!skipIf(wanted)) throw malformed();
    }

    private byte peek() throws MalformedRecordException {
        if (position >= json.length) throw malformed();
        return json[position];
    }

    private MalformedRecordException malformed() {
        return new MalformedRecordException("the JSON is broken at byte " + Math.min(position, json.length));
    }
}
