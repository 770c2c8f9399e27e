package io.rejoin.contracts.client;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/** Text of the socket and frames. Safe for any thread. */
public final class FrameCodec {
    /** The longest id a client may give a frame, in characters. */
    public static final int MAX_ID = 128;
    /** The longest token of a {@code refresh}, in characters: as long as one in a header. */
    public static final int MAX_TOKEN = 16 * 1024;
    /** The most messages {@code {"last": n}} may ask for. */
    public static final int MAX_LAST = 1000;

    private FrameCodec() {}

    /** The JSON of a frame, in UTF-8. */
    public static byte[] encode(ServerFrame frame) {
        try {
            return Json.MAPPER.writeValueAsBytes(frame);
        } catch (JacksonException e) {
            throw new IllegalStateException("a frame of ours has no JSON: " + frame.getClass(), e);
        }
    }

    /** Reads what a client sent. Unknown fields are ignored, an unknown event is refused. */
    public static ClientFrame decode(String text) throws MalformedFrameException {
        var json = parse(text);
        var id = id(json);
        var event = string(json, "event", id, MAX_ID);
        if (event == null) throw invalid("the field \"event\" is missing", id);
        return switch (event) {
            case "join" -> new ClientFrame.Join(required(room(json, id), id), id, after(json, id), epoch(json, id));
            case "leave" -> new ClientFrame.Leave(required(room(json, id), id), id);
            case "message" -> message(json, id);
            case "ack" -> new ClientFrame.Ack(room(json, id), id, seq(json, id), epoch(json, id));
            case "presence" -> new ClientFrame.Presence(room(json, id), id);
            case "refresh" -> new ClientFrame.Refresh(token(json, id), id);
            case "ping" -> new ClientFrame.Ping(id, integer(json.get("ts"), "ts", id));
            default ->
                throw new MalformedFrameException(ErrorCode.UNKNOWN_EVENT, "this server does not know the event \""
                        + event + "\"; it takes join, leave, message, ack, presence, refresh and ping", id);
        };
    }

    private static JsonNode parse(String text) throws MalformedFrameException {
        try {
            var json = Json.CLIENT_MAPPER.readTree(text);
            if (json != null && json.isObject()) return json;
        } catch (StreamConstraintsException _) {
            throw invalid(
                    "a frame is at most 64 levels deep, its names are at most 16,000 characters long and its numbers"
                            + " 400",
                    null);
        } catch (JacksonException | NumberFormatException _) { // the latter: an exponent beyond any number
            throw invalid("a frame is JSON text, this is not", null);
        }
        throw invalid("a frame is a JSON object with the field \"event\"", null);
    }

    private static @Nullable After after(JsonNode json, @Nullable String id) throws MalformedFrameException {
        var after = json.get("after");
        if (after == null || after.isNull()) return null;
        if (after.isIntegralNumber() && after.canConvertToLong() && after.longValue() >= 0) {
            return new After.Seq(after.longValue());
        }
        if (after.isTextual() && after.textValue().equals("cursor")) return new After.Cursor();
        var last = integer(after.get("last"), "last", id);
        if (last != null && last >= 0) return new After.Last((int) Math.min(last, MAX_LAST));
        throw invalid("\"after\" is a seq from 0 on, \"cursor\", or {\"last\": n}", id);
    }

    private static ClientFrame.Message message(JsonNode json, @Nullable String id) throws MalformedFrameException {
        var room = room(json, id);
        var to = string(json, "to", id, UserId.MAX_LENGTH);
        if (room != null && to != null) throw invalid("a message has \"room\" or \"to\", not both", id);
        var confirm = json.get("confirm");
        if (confirm != null && !confirm.isBoolean() && !confirm.isNull()) {
            throw invalid("\"confirm\" is true or false", id);
        }
        return new ClientFrame.Message(room, to, id, content(json, id), confirm != null && confirm.asBoolean());
    }

    private static long seq(JsonNode json, @Nullable String id) throws MalformedFrameException {
        var seq = integer(json.get("seq"), "seq", id);
        if (seq == null || seq < 0) throw invalid("\"seq\" is the last message that was processed, from 0 on", id);
        return seq;
    }

    private static @Nullable Long epoch(JsonNode json, @Nullable String id) throws MalformedFrameException {
        return integer(json.get("epoch"), "epoch", id);
    }

    private static Content content(JsonNode json, @Nullable String id) throws MalformedFrameException {
        var text = json.get("text");
        var data = json.get("data");
        if (text != null && data != null) throw invalid("a message has \"text\" or \"data\", not both", id);
        if (!isWellFormed(data == null ? text : data)) {
            throw invalid("a message must not hold half of a surrogate pair: it has no UTF-8", id);
        }
        if (data != null) return Content.data(data);
        if (text == null || !text.isTextual()) throw invalid("a message needs \"text\", a string, or \"data\"", id);
        return Content.text(text.textValue());
    }

    private static String token(JsonNode json, @Nullable String id) throws MalformedFrameException {
        var token = string(json, "token", id, MAX_TOKEN);
        if (token == null) throw invalid("the field \"token\" is missing", id);
        return token;
    }

    private static @Nullable String id(JsonNode json) throws MalformedFrameException {
        var id = string(json, "id", null, MAX_ID);
        if (id != null && (!isWellFormed(id) || id.chars().anyMatch(Character::isISOControl))) {
            throw invalid("\"id\" must not hold control characters or half of a surrogate pair", null);
        }
        return id;
    }

    /** Whether every string and every name in it can be written as UTF-8. The depth was bounded when it was read. */
    private static boolean isWellFormed(@Nullable JsonNode json) {
        if (json == null || json.isNumber()) return true;
        if (json.isTextual()) return isWellFormed(json.textValue());
        for (var field : json.properties()) {
            if (!isWellFormed(field.getKey())) return false;
        }
        for (var child : json) {
            if (!isWellFormed(child)) return false;
        }
        return true;
    }

    private static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static String required(@Nullable String room, @Nullable String id) throws MalformedFrameException {
        if (room == null) throw invalid("the field \"room\" is missing", id);
        return room;
    }

    private static @Nullable String room(JsonNode json, @Nullable String id) throws MalformedFrameException {
        return string(json, "room", id, RoomId.MAX_LENGTH);
    }

    private static @Nullable String string(JsonNode json, String field, @Nullable String id, int max)
            throws MalformedFrameException {
        var value = json.get(field);
        if (value == null || value.isNull()) return null;
        if (!value.isTextual()) throw invalid("\"" + field + "\" must be a string", id);
        var text = value.textValue();
        if (text.length() > max) throw invalid("\"" + field + "\" is longer than " + max + " characters", id);
        return text;
    }

    private static @Nullable Long integer(@Nullable JsonNode value, String field, @Nullable String id)
            throws MalformedFrameException {
        if (value == null || value.isNull()) return null;
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw invalid("\"" + field + "\" must be a whole number", id);
        }
        return value.longValue();
    }

    private static MalformedFrameException invalid(String message, @Nullable String id) {
        return new MalformedFrameException(ErrorCode.INVALID_FRAME, message, id);
    }
}
