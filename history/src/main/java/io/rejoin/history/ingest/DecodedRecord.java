package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.MessageRow;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** A decoded record of {@code rejoin.events}: what history does with it. */
sealed interface DecodedRecord {
    /** A message to store. */
    record Message(Source source, MessageRow row) implements DecodedRecord {}

    /** An event that history does not store. Its source still advances the position. */
    record NotStored(Source source) implements DecodedRecord {}

    /** A record that cannot be stored; it goes to the dead letters. */
    record Unreadable(String reason) implements DecodedRecord {}

    /** Reads a record. The result depends only on the bytes and the partition of the record. */
    static DecodedRecord of(ConsumerRecord<byte[], byte[]> record) {
        try {
            var sourced = EventCodec.decode(headers(record.headers()), record.value());
            if (sourced.source().partition() != record.partition()) {
                return new Unreadable("ce_id names partition " + sourced.source().partition()
                        + " of the commands, but an event must be in the partition of its command");
            }
            return switch (sourced.event()) {
                case Event.MessagePosted posted -> message(sourced.source(), posted);
                case Event.MemberJoined _,Event.MemberLeft _,Event.CursorMoved _,Event.ConfirmationExpired _ ->
                    new NotStored(sourced.source());
            };
        } catch (MalformedRecordException e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    private static DecodedRecord message(Source source, Event.MessagePosted posted) {
        if (posted.epoch() < 1 || posted.seq() < 1) return new Unreadable("epoch and seq must be at least 1");
        var text = posted.content().text();
        var wellFormedText = text == null ? null : replaceUnpairedSurrogates(text);
        var content = Objects.equals(wellFormedText, text)
                ? posted.content()
                : Content.text(Objects.requireNonNull(wellFormedText));
        var id = posted.id() == null ? null : replaceUnpairedSurrogates(posted.id());
        var message = new StoredMessage(posted.seq(), posted.user(), id, content, posted.ts());
        return new Message(source,
                new MessageRow(posted.room(), posted.epoch(), message, json(content, wellFormedText)));
    }

    /**
     * The content's JSON as stored in the table. A text has no escapes except those that JSON requires, because people
     * read the table.
     */
    private static String json(Content content, @Nullable String text) {
        if (text == null) return "{\"data\":" + Objects.requireNonNull(content.data()).json() + "}";
        try {
            return "{\"text\":" + Json.MAPPER.writeValueAsString(text) + "}";
        } catch (JacksonException e) {
            throw new IllegalStateException("a string cannot be written as JSON", e);
        }
    }

    /**
     * Replaces each unpaired surrogate by {@code ?}. An unpaired surrogate has no UTF-8 form and would make the room's
     * pages unreadable. Edges refuse such text, but dropping such a message here would leave a hole in the seqs.
     */
    private static String replaceUnpairedSurrogates(String text) {
        return new String(text.getBytes(UTF_8), UTF_8);
    }

    private static Map<String, String> headers(Headers headers) {
        var map = new HashMap<String, String>();
        for (var header : headers) {
            if (header.value() != null) map.put(header.key(), new String(header.value(), UTF_8));
        }
        return map;
    }
}
