package io.rejoin.contracts.log;

import io.rejoin.contracts.JsonWriter;
import io.rejoin.contracts.Source;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Codec of events as CloudEvents 1.0 in Kafka's binary mode: the attributes are {@code ce_} headers, the event is the
 * JSON value. {@code ce_id} is the event's source position, so repeated copies of an event have the same id. Safe for
 * any thread.
 */
public final class EventCodec {
    /** Header with the type of the event. */
    public static final String TYPE = "ce_type";
    /** Header with the id of the event: its {@link Source#text source}. */
    public static final String ID = "ce_id";

    private static final String MESSAGE_POSTED = "io.rejoin.message.posted.v1";
    private static final String MEMBER_JOINED = "io.rejoin.member.joined.v1";
    private static final String MEMBER_LEFT = "io.rejoin.member.left.v1";

    private static final String CURSOR_MOVED = "io.rejoin.cursor.moved.v1";
    private static final String CONFIRMATION_EXPIRED = "io.rejoin.confirmation.expired.v1";

    /** Approximate size of a message's JSON without its content, in bytes. */
    private static final int BYTES_WITHOUT_CONTENT = 200;

    /** An event and its source. */
    public record Sourced(Source source, Event event) {}

    private EventCodec() {}

    /** The headers of an event, in the order they are written. */
    public static Map<String, String> headers(Event event, Source source) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ce_specversion", "1.0");
        headers.put(ID, source.text());
        headers.put("ce_source", "/rejoin/commands/" + source.partition());
        headers.put(TYPE, type(event));
        headers.put("ce_subject", event.room().key());
        headers.put("ce_time", Instant.ofEpochMilli(event.ts()).toString());
        headers.put("content-type", "application/json");
        return headers;
    }

    /** The JSON of an event. */
    public static byte[] value(Event event) {
        return event instanceof Event.MessagePosted posted ? value(posted) : LogCodec.write(event);
    }

    /** Written without Jackson, for speed: this runs for every message, and the content is JSON already. */
    private static byte[] value(Event.MessagePosted posted) {
        var json = new JsonWriter(BYTES_WITHOUT_CONTENT + posted.content().length());
        json.raw("{\"room\":").string(posted.room().key()).raw(",\"epoch\":").number(posted.epoch()).raw(",\"seq\":")
                .number(posted.seq()).raw(",\"user\":").string(posted.user().key());
        if (posted.id() != null) json.raw(",\"id\":").string(posted.id());
        return json.raw(",").member(posted.content()).raw(",\"ts\":").number(posted.ts()).raw("}").bytes();
    }

    /**
     * Reads an event from the headers and the value of a record.
     *
     * @param headers at least {@link #TYPE} and {@link #ID}
     */
    public static Sourced decode(Map<String, String> headers, byte @Nullable [] value) throws MalformedRecordException {
        var id = headers.get(ID);
        var type = headers.get(TYPE);
        if (id == null || type == null) throw new MalformedRecordException("ce_id or ce_type is missing");
        return new Sourced(source(id), LogCodec.read(value, classOf(type)));
    }

    private static Source source(String id) throws MalformedRecordException {
        try {
            return Source.of(id);
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException("ce_id is not a source position", e);
        }
    }

    /** The CloudEvents type of an event; also the name of its schema. */
    public static String type(Event event) {
        return switch (event) {
            case Event.MessagePosted _ -> MESSAGE_POSTED;
            case Event.MemberJoined _ -> MEMBER_JOINED;
            case Event.MemberLeft _ -> MEMBER_LEFT;
            case Event.CursorMoved _ -> CURSOR_MOVED;
            case Event.ConfirmationExpired _ -> CONFIRMATION_EXPIRED;
        };
    }

    private static Class<? extends Event> classOf(String type) throws MalformedRecordException {
        return switch (type) {
            case MESSAGE_POSTED -> Event.MessagePosted.class;
            case MEMBER_JOINED -> Event.MemberJoined.class;
            case MEMBER_LEFT -> Event.MemberLeft.class;
            case CURSOR_MOVED -> Event.CursorMoved.class;
            case CONFIRMATION_EXPIRED -> Event.ConfirmationExpired.class;
            default -> throw new MalformedRecordException("ce_type is unknown here");
        };
    }
}
