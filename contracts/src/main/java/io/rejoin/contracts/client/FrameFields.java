package io.rejoin.contracts.client;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.JsonText;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields of a client's frame, in the form in which they were written. Fields that no frame has are skipped. */
final class FrameFields {
    private static final Set<String> KNOWN_NAMES = Set.of("event", "id", "room", "to", "text", "data", "confirm",
            "after", "last", "seq", "epoch", "ts", "token");
    /** Programs on some platforms begin every text with this mark. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    /**
     * A parser without limits, to find the id of a frame that is refused. This is safe, because the frame is in memory
     * already.
     */
    private static final JsonFactory LENIENT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(NO_LIMIT)
                    .maxNumberLength(NO_LIMIT).maxNameLength(NO_LIMIT).build())
            .build();

    private final Map<String, Field> fields;

    private FrameFields(Map<String, Field> fields) {
        this.fields = fields;
    }

    /**
     * A field of a frame.
     *
     * @param text the decoded text of a string; the JSON of any other value
     */
    record Field(String name, JsonToken kind, String text) {
        private static final int MAX_SHOWN = 40;

        boolean isNull() {
            return kind == JsonToken.VALUE_NULL;
        }

        boolean isString() {
            return kind == JsonToken.VALUE_STRING;
        }

        boolean isBoolean() {
            return kind.isBoolean();
        }

        boolean isNumber() {
            return kind.isNumeric();
        }

        boolean isObject() {
            return kind == JsonToken.START_OBJECT;
        }

        boolean isScalar() {
            return kind.isScalarValue() && !isNull();
        }

        JsonText json() {
            return isString() ? JsonText.ofString(text) : new JsonText(text);
        }

        /** A description of the value, for people. */
        String description() {
            return switch (kind) {
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                case VALUE_STRING -> "the string \"" + shortened(text) + "\"";
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + shortened(text);
                default -> text;
            };
        }

        /** The beginning of a text; each half of a surrogate pair is replaced. */
        static String shortened(String text) {
            var isLong = text.length() > MAX_SHOWN;
            return JsonText.withoutHalves(isLong ? text.substring(0, MAX_SHOWN) + "…" : text);
        }
    }

    @Nullable
    Field get(String name) {
        return fields.get(name);
    }

    /** The field, unless it is absent or null. */
    @Nullable
    Field getNonNull(String name) {
        var field = fields.get(name);
        return field == null || field.isNull() ? null : field;
    }

    /**
     * Reads the fields of an object.
     *
     * @throws MalformedFrameException without an id, if the text is not one JSON object
     */
    static FrameFields read(String text) throws MalformedFrameException {
        var json = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        try (var parser = Json.CLIENT_MAPPER.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw notAnObject(parser.currentToken());
            var fields = new HashMap<String, Field>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                parser.nextToken();
                if (KNOWN_NAMES.contains(name)) fields.put(name, field(name, parser));
                else
                    parser.skipChildren();
            }
            if (parser.nextToken() != null)
                throw invalid("the frame continues after its closing brace: send one frame in a message");
            return new FrameFields(fields);
        } catch (JacksonException e) {
            throw invalid(JsonErrorExplainer.explain(e));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read a string", e);
        }
    }

    private static Field field(String name, JsonParser parser) throws IOException {
        var kind = parser.currentToken();
        var isData = name.equals("data");
        if (kind.isScalarValue() && !isData) return new Field(name, kind, parser.getText());
        var checkedParser = isData ? new StrictJsonParser(parser) : parser;
        return kind == JsonToken.VALUE_STRING
                ? new Field(name, kind, checkedParser.getText())
                : new Field(name, kind, JsonText.read(checkedParser).json());
    }

    private static MalformedFrameException notAnObject(@Nullable JsonToken token) {
        return invalid("a frame must be a JSON object with the field \"event\"; this is "
                + (token == null ? "empty" : token == JsonToken.START_ARRAY ? "an array" : "a single value"));
    }

    /** Finds the id of a frame that cannot be parsed; null if no id precedes the fault. */
    static @Nullable FrameId findId(String text) {
        try (var parser = LENIENT.createParser(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var isId = parser.currentName().equals("id");
                var kind = parser.nextToken();
                if (isId && kind.isScalarValue()) return id(new Field("id", kind, parser.getText()));
                parser.skipChildren();
            }
        } catch (IOException _) {
            // no id precedes the fault
        }
        return null;
    }

    /** The id in this field; null if the value cannot be an id. */
    static @Nullable FrameId id(@Nullable Field field) {
        return field == null || !field.isScalar() ? null : new FrameId(field.text(), field.isString());
    }

    private static MalformedFrameException invalid(String message) {
        return new MalformedFrameException(ErrorCode.INVALID_FRAME, message, null);
    }
}
