package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The content of a message: a text, or any JSON value under {@code data}. It is kept as the bytes of its JSON; for a
 * text, these are the string with its quotes.
 *
 * <p>The JSON is made or checked once, when a message enters the system. After that nothing parses it: the bytes are
 * copied into records, frames and pages.
 *
 * <p>Two contents are equal if they are of the same kind and have the same bytes.
 */
@JsonPropertyOrder({"text", "data"})
@JsonAutoDetect(fieldVisibility = Visibility.NONE, getterVisibility = Visibility.NONE, isGetterVisibility = Visibility.NONE)
public final class Content {
    private final boolean isText;
    private final byte[] json;

    private Content(boolean isText, byte[] json) {
        this.isText = isText;
        this.json = json;
    }

    /**
     * Creates a content from a text. Half of a surrogate pair becomes an escape: that is valid JSON, but no valid text.
     */
    public static Content text(String text) {
        return new Content(true, new JsonWriter(text.length() + 2).string(text).bytes());
    }

    public static Content data(JsonText data) {
        return new Content(false, data.json().getBytes(UTF_8));
    }

    /** Creates a content from the text or the data, whichever is not null. */
    @JsonCreator
    public static Content of(@JsonProperty("text") @Nullable String text,
            @JsonProperty("data") @Nullable JsonText data) {
        if (text != null && data == null) return text(text);
        if (text == null && data != null) return data(data);
        throw new IllegalArgumentException("content must have text or data, not both");
    }

    /**
     * Creates a content from bytes from outside.
     *
     * @param json must not change any more
     * @throws IllegalArgumentException unless the bytes are one JSON value of that kind, without white space, and
     *                                  within the limits of {@link Json#MAPPER}
     */
    public static Content checked(boolean isText, byte[] json) {
        JsonValidator.check(json);
        if (isText && json[0] != '"') throw new IllegalArgumentException("the text is not a JSON string");
        return new Content(isText, json);
    }

    /**
     * Creates a content from bytes that {@link #checked} has accepted before, or that this system made.
     *
     * @param json must not change any more
     */
    public static Content known(boolean isText, byte[] json) {
        return new Content(isText, json);
    }

    /** Whether the content is a text, and not data. */
    public boolean isText() {
        return isText;
    }

    /** The text; null if the content is data. Decoded at each call. */
    public @Nullable String text() {
        if (!isText) return null;
        if (!isEscaped()) return new String(json, 1, json.length - 2, UTF_8);
        try {
            return Json.MAPPER.readValue(json, String.class);
        } catch (IOException e) {
            throw new IllegalStateException("a text of this program is not a JSON string", e);
        }
    }

    private boolean isEscaped() {
        for (var b : json) {
            if (b == '\\') return true;
        }
        return false;
    }

    /** The data; null if the content is a text. Decoded at each call. */
    @JsonProperty("data")
    public @Nullable JsonText data() {
        return isText ? null : jsonText();
    }

    @JsonProperty("text")
    @Nullable
    JsonText textJson() {
        return isText ? jsonText() : null;
    }

    private JsonText jsonText() {
        return new JsonText(new String(json, UTF_8));
    }

    /** The length of the JSON in bytes. */
    public int length() {
        return json.length;
    }

    /** Copies the JSON into {@code to}, from the index {@code at} on. */
    public void copyTo(byte[] to, int at) {
        System.arraycopy(json, 0, to, at, json.length);
    }

    /** The depth of nesting: the number of arrays and objects around the innermost value. */
    public int depth() {
        var depth = 0;
        var deepest = 0;
        var inString = false;
        for (var i = 0; i < json.length; i++) {
            switch (json[i]) {
                case '\\' -> i++; // occurs only inside a string
                case '"' -> inString = !inString;
                case '[', '{' -> deepest = inString ? deepest : Math.max(deepest, ++depth);
                case ']', '}' -> depth -= inString ? 0 : 1;
                default -> {
                    // no bracket
                }
            }
        }
        return deepest;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Content that && isText == that.isText && Arrays.equals(json, that.json);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(json) + Boolean.hashCode(isText);
    }

    @Override
    public String toString() {
        return (isText ? "text " : "data ") + new String(json, UTF_8);
    }
}
