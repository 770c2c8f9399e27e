package io.rejoin.contracts.client;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The client's own id of a frame: a JSON string, number, true or false. The server returns the same JSON value, digit
 * by digit: {@code 5}, {@code 5.0} and {@code "5"} are three ids.
 *
 * <p>In the topics an id is a string. A string id is stored unchanged; any other id is stored as a tab and its JSON. An
 * accepted string id has no tab, so the two forms never collide.
 *
 * @param value  the string, or the JSON of an id that is not a string
 * @param isText whether the id is a string
 */
@JsonSerialize(using = FrameId.Writer.class)
@JsonDeserialize(using = FrameId.Reader.class)
public record FrameId(String value, boolean isText) {
    /** Prefix, in the topics, of an id that is not a string. */
    private static final String NOT_TEXT_PREFIX = "\t";

    /** Creates a string id. */
    public static FrameId text(String value) {
        return new FrameId(value, true);
    }

    /** Parses the form that an id has in the topics. */
    public static FrameId ofLogged(String logged) {
        return logged.startsWith(NOT_TEXT_PREFIX)
                ? new FrameId(logged.substring(NOT_TEXT_PREFIX.length()), false)
                : text(logged);
    }

    /** As {@link #ofLogged}; null for null. */
    public static @Nullable FrameId ofLoggedOrNull(@Nullable String logged) {
        return logged == null ? null : ofLogged(logged);
    }

    /** The form that the id has in the topics. */
    public String logged() {
        return isText ? value : NOT_TEXT_PREFIX + value;
    }

    /** As {@link #logged()}; null for null. */
    public static @Nullable String loggedOrNull(@Nullable FrameId id) {
        return id == null ? null : id.logged();
    }

    static final class Writer extends StdSerializer<FrameId> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(FrameId.class);
        }

        @Override
        public void serialize(FrameId id, JsonGenerator to, SerializerProvider provider) throws IOException {
            if (!id.isText()) to.writeRawValue(id.value());
            else
                to.writeString(id.value());
        }
    }

    static final class Reader extends StdDeserializer<FrameId> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(FrameId.class);
        }

        @Override
        public FrameId deserialize(JsonParser from, DeserializationContext context) throws IOException {
            return new FrameId(from.getText(), !from.currentToken().isNumeric() && !from.currentToken().isBoolean());
        }
    }
}
