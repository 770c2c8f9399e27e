package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.DeliveryRecord;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns values of Rejoin's topics into readable text. Binary values become JSON, in the shape that they had when
 * records were JSON. Where an item cannot be read, the reason takes its place. All other values stay as they are.
 */
final class ReadableValue {
    /** JSON begins with no smaller byte, apart from white space. */
    private static final byte FIRST_OF_TEXT = ' ';

    private ReadableValue() {}

    static byte @Nullable [] of(byte @Nullable [] value) {
        if (value == null || value.length == 0 || value[0] < 0 || value[0] >= FIRST_OF_TEXT) return value;
        try {
            return (value[0] == LogCodec.COMMANDS_VERSION
                    ? commands(LogCodec.commandRecord(value))
                    : deliveries(value[0], LogCodec.deliveryRecord(value))).getBytes(UTF_8);
        } catch (MalformedRecordException _) {
            return value;
        }
    }

    private static String commands(CommandRecord record) {
        var commands = new ArrayList<String>();
        for (var item : record.items()) {
            commands.add(switch (item) {
                case CommandRecord.Item.Usable(var command) -> json(command);
                case CommandRecord.Item.Unusable(var reason) -> unusable(null, null, reason);
            });
        }
        return "{\"v\":" + record.v() + ",\"commands\":" + list(commands) + "}";
    }

    private static String deliveries(int version, DeliveryRecord record) {
        var entries = new ArrayList<String>();
        for (var item : record.items()) {
            entries.add(switch (item) {
                case DeliveryRecord.Item.Usable(var entry) -> json(entry);
                case DeliveryRecord.Item.Unusable(var source, var type, var reason) ->
                    unusable(source == null ? null : source.text(), type, reason);
            });
        }
        return "{\"v\":" + version + ",\"batch\":{\"edge\":" + json(record.edge()) + ",\"incarnation\":"
                + record.incarnation() + ",\"entries\":" + list(entries) + "}}";
    }

    private static String unusable(@Nullable String source, @Nullable String type, String reason) {
        return json(new Unusable(source, type, reason));
    }

    /** Takes the place of an item that cannot be read. */
    private record Unusable(@Nullable String source, @Nullable String type, String unusable) {}

    private static String list(List<String> json) {
        return "[" + String.join(",", json) + "]";
    }

    private static String json(Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write a value as JSON: " + value.getClass(), e);
        }
    }
}
