package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value as text without white space, for values that the system passes on without reading them. Numbers keep
 * their written form digit by digit: Java's numbers would lose {@code 1e2}, {@code 1.0} and {@code -0}.
 *
 * @param json one JSON value
 */
@JsonSerialize(using = JsonText.Writer.class)
@JsonDeserialize(using = JsonText.Reader.class)
public record JsonText(String json) {
    /**
     * A number with at most this many characters needs no check. Its exponent is so short that {@link BigDecimal}
     * always accepts it.
     */
    private static final int MAX_UNCHECKED_NUMBER = 10;
    public static final JsonText NULL = new JsonText("null");

    /** Parses a JSON value. */
    public static JsonText of(String json) throws IOException {
        return Json.MAPPER.readValue(json, JsonText.class);
    }

    /** Creates the JSON of a string. */
    public static JsonText ofString(String text) {
        try {
            return fromGenerator(to -> to.writeString(text));
        } catch (IOException e) {
            throw new IllegalStateException("cannot write a string as JSON", e);
        }
    }

    /** Whether a text can be written as UTF-8: it has no half of a surrogate pair. */
    public static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(JsonText::isSurrogate);
    }

    /** Returns the text with a {@code ?} in place of each half of a surrogate pair. */
    public static String withoutHalves(String text) {
        return new String(text.getBytes(UTF_8), UTF_8);
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** Reads the value at the parser's current token. Afterwards the parser is at the value's last token. */
    public static JsonText read(JsonParser from) throws IOException {
        return fromGenerator(to -> copy(from, to, false));
    }

    private interface WriteAction {
        void writeTo(JsonGenerator generator) throws IOException;
    }

    /**
     * Writes JSON with the generator for bytes, and then decodes the bytes. All other JSON of the system is written to
     * bytes, too. That generator writes each surrogate as an escape of six characters; the generator for characters
     * would not. So the same value has the same text here as in every record and frame.
     */
    private static JsonText fromGenerator(WriteAction action) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var generator = Json.MAPPER.createGenerator(bytes)) {
            action.writeTo(generator);
        }
        return new JsonText(bytes.toString(UTF_8));
    }

    /**
     * @param checksExponents whether to refuse a number whose exponent {@link BigDecimal} does not accept. A record in
     *                        the topics may never contain such a number: see {@link #checkExponent}
     */
    private static void copy(JsonParser from, JsonGenerator to, boolean checksExponents) throws IOException {
        var depth = 0;
        do {
            var token = from.currentToken();
            switch (token) {
                case FIELD_NAME -> to.writeFieldName(from.currentName());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                    var digits = from.getText();
                    if (checksExponents && token == JsonToken.VALUE_NUMBER_FLOAT) checkExponent(digits);
                    to.writeNumber(digits);
                }
                default -> to.copyCurrentEvent(from);
            }
            if (token.isStructStart()) depth++;
            if (token.isStructEnd()) depth--;
        } while (depth > 0 && from.nextToken() != null);
    }

    /**
     * Throws NumberFormatException for an exponent that is too large, which makes a record malformed. Earlier versions
     * read numbers as Java numbers and refused the same exponents. So routers of all versions decide alike.
     */
    private static void checkExponent(String digits) {
        if (digits.length() <= MAX_UNCHECKED_NUMBER) return;
        var _ = new BigDecimal(digits);
    }

    static final class Reader extends StdDeserializer<JsonText> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(JsonText.class);
        }

        @Override
        public JsonText deserialize(JsonParser from, DeserializationContext context) throws IOException {
            return fromGenerator(to -> copy(from, to, true));
        }

        @Override
        public JsonText getNullValue(DeserializationContext context) {
            return NULL;
        }

        /** The value of an absent field. A field with an explicit null gives {@link #NULL} instead. */
        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return null;
        }
    }

    static final class Writer extends StdSerializer<JsonText> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(JsonText.class);
        }

        @Override
        public void serialize(JsonText value, JsonGenerator to, SerializerProvider provider) throws IOException {
            to.writeRawValue(value.json());
        }
    }
}
