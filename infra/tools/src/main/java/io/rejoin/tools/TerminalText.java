package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Turns any bytes into text that is safe to print on a terminal. Characters that could control the terminal or mislead
 * the reader become numbers.
 */
final class TerminalText {
    private static final int MAX_IN_LINE = 500;
    private static final int MAX_TEXT = 64 * 1024;
    private static final int MAX_DUMPED = 4 * 1024;
    private static final int ROW = 16;

    private TerminalText() {}

    /** Formats text as one line of bounded length. */
    static String line(String text) {
        return bounded(escaped(text, false), MAX_IN_LINE);
    }

    /** Formats bytes as one line of bounded length: text if they are UTF-8, else hexadecimal. */
    static String line(byte @Nullable [] bytes) {
        if (bytes == null) return "(none)";
        var text = text(bytes);
        if (text != null) return line(text);
        var shown = new StringBuilder("0x");
        for (var i = 0; i < bytes.length && shown.length() <= MAX_IN_LINE; i++) shown.append(hex(bytes[i]));
        return bounded(shown.toString(), MAX_IN_LINE);
    }

    /** Formats bytes as several lines of bounded length: indented JSON, other text as it is, or else a hex dump. */
    static String block(byte @Nullable [] bytes) {
        if (bytes == null) return "(none)";
        var text = text(bytes);
        return text == null ? dump(bytes) : bounded(escaped(setOut(text), true), MAX_TEXT);
    }

    /** Decodes UTF-8; null for other bytes. */
    private static @Nullable String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            return null;
        }
    }

    private static String setOut(String text) {
        try {
            var json = Json.MAPPER.readTree(text);
            return json.isContainerNode() ? json.toPrettyString() : text;
        } catch (JacksonException _) {
            return text;
        }
    }

    private static String escaped(String text, boolean lines) {
        var safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isPlain(c) || (lines && (c == '\n' || c == '\t'))) safe.appendCodePoint(c);
            else
                safe.append(String.format(Locale.ROOT, "\\u{%x}", c));
        });
        return safe.toString();
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }

    private static String bounded(String text, int most) {
        if (text.length() <= most) return text;
        return text.substring(0, most) + "… (" + (text.length() - most) + " more characters)";
    }

    private static String dump(byte[] bytes) {
        var dump = new StringBuilder();
        var end = Math.min(bytes.length, MAX_DUMPED);
        for (var from = 0; from < end; from += ROW) row(bytes, from, Math.min(end, from + ROW), dump);
        if (end < bytes.length) dump.append("… (").append(bytes.length - end).append(" more bytes)\n");
        return dump.toString().stripTrailing();
    }

    private static void row(byte[] bytes, int from, int to, StringBuilder dump) {
        var letters = new StringBuilder();
        dump.append(String.format(Locale.ROOT, "%08x ", from));
        for (var i = from; i < from + ROW; i++) {
            dump.append(i < to ? " " + hex(bytes[i]) : "   ");
            if (i < to) letters.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
        }
        dump.append("  ").append(letters).append('\n');
    }

    private static String hex(byte value) {
        return String.format(Locale.ROOT, "%02x", value & 0xff);
    }
}
