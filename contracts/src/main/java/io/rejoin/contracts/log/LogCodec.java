package io.rejoin.contracts.log;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes and records of the internal topics: commands, deliveries, heartbeats. JSON under a version {@code v}; fields that a
 * reader does not know are ignored, a version it does not know is malformed. Safe for any thread.
 */
public final class LogCodec {
    /** The version written; readers take this one and all before it. */
    public static final int VERSION = 1;

    private record Commands(int v, List<Command> commands) {
        private Commands {
            commands = List.copyOf(commands);
        }
    }

    private record Deliveries(int v, DeliveryBatch batch) {}

    private record Heartbeat(int v, EdgeHeartbeat heartbeat) {}

    private LogCodec() {}

    /** The value of a command record: one or more commands of one partition, in order. */
    public static byte[] commands(List<Command> commands) {
        return write(new Commands(VERSION, commands));
    }

    public static List<Command> commands(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Commands.class);
        check(read.v());
        return read.commands();
    }

    public static byte[] deliveries(DeliveryBatch batch) {
        return write(new Deliveries(VERSION, batch));
    }

    public static DeliveryBatch deliveries(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Deliveries.class);
        check(read.v());
        return read.batch();
    }

    public static byte[] heartbeat(EdgeHeartbeat heartbeat) {
        return write(new Heartbeat(VERSION, heartbeat));
    }

    public static EdgeHeartbeat heartbeat(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Heartbeat.class);
        check(read.v());
        return read.heartbeat();
    }

    static byte[] write(Object value) {
        try {
            return Json.MAPPER.writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IllegalStateException("a record of ours has no JSON: " + value.getClass(), e);
        }
    }

    static <T> T read(byte @Nullable [] value, Class<T> type) throws MalformedRecordException {
        if (value == null) throw new MalformedRecordException("no value");
        try {
            @Nullable
            T read = Json.MAPPER.readValue(value, type);
            if (read == null) throw new MalformedRecordException("the JSON value is null");
            return read;
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedRecordException("not a " + type.getSimpleName() + " of ours: " + brief(e), e);
        }
    }

    private static void check(int version) throws MalformedRecordException {
        if (version < 1 || version > VERSION) {
            throw new MalformedRecordException("version " + version + " is unknown here (up to " + VERSION + ")");
        }
    }

    /** The first line of a parser's message, bounded: the rest quotes the input. */
    private static String brief(Exception e) {
        var message = String.valueOf(e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage());
        var line = message.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }
}
