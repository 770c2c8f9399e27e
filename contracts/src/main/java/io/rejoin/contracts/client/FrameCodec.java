package io.rejoin.contracts.client;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.JsonWriter;
import io.rejoin.contracts.client.FrameFields.Field;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Codec of the client protocol: decodes the text of client frames, and encodes server frames. Safe for any thread. */
public final class FrameCodec {
    /** Maximum length of a client's id of a frame, in characters; an id that is not a string counts one more. */
    public static final int MAX_ID = 128;
    /** Maximum length of the token of a {@code refresh}, in characters: the same as in a header. */
    public static final int MAX_TOKEN = 16 * 1024;
    /** Maximum number of messages that {@code {"last": n}} can ask for. */
    public static final int MAX_LAST = 1000;

    /** Approximate size of a message's JSON without its content, in bytes. */
    private static final int BYTES_WITHOUT_CONTENT = 160;

    private FrameCodec() {}

    /** The JSON of a frame, in UTF-8. */
    public static byte[] encode(ServerFrame frame) {
        if (frame instanceof ServerFrame.Message message) return encode(message);
        try {
            return Json.MAPPER.writeValueAsBytes(frame);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write a frame as JSON: " + frame.getClass(), e);
        }
    }

    /** Written without Jackson, for speed: this runs for every message, and the content is JSON already. */
    private static byte[] encode(ServerFrame.Message message) {
        var json = new JsonWriter(BYTES_WITHOUT_CONTENT + message.content().length());
        json.raw("{\"event\":\"message\",\"room\":").string(message.room()).raw(",\"seq\":").number(message.seq())
                .raw(",\"epoch\":").number(message.epoch());
        var id = message.id();
        if (id != null && id.isText()) json.raw(",\"id\":").string(id.value());
        else if (id != null) json.raw(",\"id\":").raw(id.value());
        json.raw(",\"user\":").string(message.user()).raw(",").member(message.content()).raw(",\"ts\":")
                .number(message.ts());
        if (message.redelivered() != null) json.raw(",\"redelivered\":").raw(message.redelivered().toString());
        if (message.erased() != null) json.raw(",\"erased\":").raw(message.erased().toString());
        return json.raw("}").bytes();
    }

    /**
     * Reads a client's frame. A field that is null counts as absent, except {@code room} and {@code to}, which name the
     * receiver. Unknown fields are ignored; an unknown event is refused.
     *
     * @throws MalformedFrameException with the frame's id, if the id can be read
     */
    public static ClientFrame decode(String text) throws MalformedFrameException {
        try {
            var fields = FrameFields.read(text);
            return frame(fields, id(fields.get("id")));
        } catch (MalformedFrameException e) {
            throw e.withId(FrameFields.findId(text));
        }
    }

    private static ClientFrame frame(FrameFields fields, @Nullable FrameId id) throws MalformedFrameException {
        return switch (event(fields)) {
            case "join" ->
                new ClientFrame.Join(requiredRoom(fields), id, after(fields), integer(fields.getNonNull("epoch")));
            case "leave" -> new ClientFrame.Leave(requiredRoom(fields), id);
            case "message" -> message(fields, id);
            case "ack" -> new ClientFrame.Ack(room(fields), id, seq(fields), integer(fields.getNonNull("epoch")));
            case "presence" -> new ClientFrame.Presence(room(fields), id);
            case "refresh" -> new ClientFrame.Refresh(token(fields), id);
            case "ping" -> new ClientFrame.Ping(id, ts(fields));
            case String unknown ->
                throw new MalformedFrameException(ErrorCode.UNKNOWN_EVENT, "this server does not know the event \""
                        + Field.shortened(unknown)
                        + "\"; it knows join, leave, message, ack, presence, refresh and ping", null);
        };
    }

    private static String event(FrameFields fields) throws MalformedFrameException {
        var event = fields.getNonNull("event");
        if (event == null) throw invalid("the field \"event\" is missing");
        return string(event);
    }

    private static @Nullable FrameId id(@Nullable Field field) throws MalformedFrameException {
        if (field == null || field.isNull()) return null;
        var id = FrameFields.id(field);
        if (id == null) throw invalid("\"id\" must be a string, a number, true or false, not " + field.description());
        if (id.logged().length() > MAX_ID) throw invalid("\"id\" is longer than " + MAX_ID + " characters");
        if (field.isNumber() && !StrictJsonParser.isWithinDouble(id.value()))
            throw invalid("\"id\" does not fit a double: " + id.value());
        if (id.isText() && (!JsonText.isWellFormed(id.value()) || id.value().chars().anyMatch(Character::isISOControl)))
            throw invalid("\"id\" must not hold control characters or half of a surrogate pair");
        return id;
    }

    private static ClientFrame.Message message(FrameFields fields, @Nullable FrameId id)
            throws MalformedFrameException {
        var room = fields.get("room");
        var to = fields.get("to");
        // A null beside a value is absent. A null alone is a lost recipient: no other user may read that message.
        var isDirect = to != null && (!to.isNull() || room == null || room.isNull());
        var isToRoom = room != null && (!room.isNull() || to == null);
        var recipient = isDirect ? recipient(Objects.requireNonNull(to)) : null;
        var target = isToRoom ? room(fields) : null;
        if (recipient != null && target != null) throw invalid("a message has \"room\" or \"to\", not both");
        return new ClientFrame.Message(target, recipient, id, content(fields), confirm(fields));
    }

    private static String recipient(Field to) throws MalformedFrameException {
        if (to.isString() && !to.text().isBlank()) return to.text();
        throw new MalformedFrameException(ErrorCode.INVALID_USER, "\"to\" is " + describe(to)
                + ", and names no user: the message was not posted. For a room, leave \"to\" out", null);
    }

    /**
     * The room of the frame; null if the field is absent. A field that is present but names no room is an error: the
     * frame must not apply to another room.
     */
    private static @Nullable String room(FrameFields fields) throws MalformedFrameException {
        var room = fields.get("room");
        if (room == null) return null;
        if (room.isString() && !room.text().isBlank()) return room.text();
        throw new MalformedFrameException(ErrorCode.INVALID_ROOM, "\"room\" is " + describe(room)
                + ", and names no room: nothing was done. For the only room joined, leave \"room\" out", null);
    }

    private static String requiredRoom(FrameFields fields) throws MalformedFrameException {
        var room = room(fields);
        if (room == null) throw invalid("the field \"room\" is missing");
        return room;
    }

    private static String describe(Field field) {
        return field.isString() ? field.text().isEmpty() ? "empty" : "blank" : field.description();
    }

    private static boolean confirm(FrameFields fields) throws MalformedFrameException {
        var confirm = fields.getNonNull("confirm");
        if (confirm == null) return false;
        if (!confirm.isBoolean()) throw invalid("\"confirm\" must be true or false, not " + confirm.description());
        return Boolean.parseBoolean(confirm.text());
    }

    private static Content content(FrameFields fields) throws MalformedFrameException {
        var text = fields.getNonNull("text");
        var data = fields.get("data");
        if (data != null && data.isNull() && fields.get("text") != null) data = null;
        if (text != null && data != null) throw invalid("a message has \"text\" or \"data\", not both");
        if (data != null) return Content.data(data.json());
        if (text == null) throw invalid("a message needs \"text\", a string, or \"data\", any JSON");
        var value = string(text);
        if (!JsonText.isWellFormed(value))
            throw invalid("\"text\" must not have half of a surrogate pair: it has no UTF-8");
        return Content.text(value);
    }

    private static @Nullable After after(FrameFields fields) throws MalformedFrameException {
        var after = fields.getNonNull("after");
        if (after == null) return null;
        if (after.isString() && after.text().equals("cursor")) return new After.Cursor();
        if (after.isNumber()) return new After.Seq(nonNegative(after));
        var last = after.isObject() ? FrameFields.read(after.text()).getNonNull("last") : null;
        if (last != null) return new After.Last((int) Math.min(nonNegative(last), MAX_LAST));
        throw invalid("\"after\" must be a seq from 0 on, \"cursor\", or {\"last\": n}, not " + after.description());
    }

    private static long seq(FrameFields fields) throws MalformedFrameException {
        var seq = fields.getNonNull("seq");
        if (seq == null) throw invalid("\"seq\" is missing: give the seq of the last processed message, from 0 on");
        return nonNegative(seq);
    }

    private static @Nullable JsonText ts(FrameFields fields) throws MalformedFrameException {
        var ts = fields.getNonNull("ts");
        if (ts == null) return null;
        if (!ts.isScalar()) throw invalid("\"ts\" must be a number, a string, true or false, not " + ts.description());
        return ts.json();
    }

    private static String token(FrameFields fields) throws MalformedFrameException {
        var token = fields.getNonNull("token");
        if (token == null) throw invalid("the field \"token\" is missing");
        if (string(token).length() > MAX_TOKEN) throw invalid("\"token\" is longer than " + MAX_TOKEN + " characters");
        return token.text();
    }

    private static String string(Field field) throws MalformedFrameException {
        if (!field.isString()) throw invalid("\"" + field.name() + "\" must be a string, not " + field.description());
        return field.text();
    }

    private static long nonNegative(Field field) throws MalformedFrameException {
        var number = Objects.requireNonNull(integer(field));
        if (number < 0)
            throw invalid("\"" + field.name() + "\" must be 0 or more, not " + Field.shortened(field.text()));
        return number;
    }

    /** Reads a whole number in any written form: {@code 5}, {@code 5.0}, {@code 5e0}. */
    private static @Nullable Long integer(@Nullable Field field) throws MalformedFrameException {
        if (field == null) return null;
        if (!field.isNumber())
            throw invalid("\"" + field.name() + "\" must be a whole number, not " + field.description());
        try {
            return WholeNumber.of(field.text());
        } catch (ArithmeticException e) {
            throw invalid("\"" + field.name() + "\" is " + Field.shortened(field.text()) + ", " + e.getMessage());
        }
    }

    private static MalformedFrameException invalid(String message) {
        return new MalformedFrameException(ErrorCode.INVALID_FRAME, message, null);
    }
}
