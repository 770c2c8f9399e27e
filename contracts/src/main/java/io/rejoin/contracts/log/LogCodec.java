package io.rejoin.contracts.log;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Codec of the records in the internal topics and of the batches on the link.
 *
 * <p>Records that are frequent are binary: commands from version 4 on ({@link CommandCodec}), and deliveries
 * ({@link DeliveryCodec}). Orders, heartbeats and earlier commands are JSON with the version under {@code v}. Readers
 * ignore unknown fields in JSON. A record of an unknown version is malformed. Safe for any thread.
 */
public final class LogCodec {
    /** The version of orders and heartbeats that is written. Readers accept it and all earlier ones. */
    public static final int VERSION = 1;
    /**
     * The latest version of command records. Version 2 added rules by which a shard removes empty rooms and forgets
     * unused ones. Version 3 added the last delivery to each edge to a shard's state. Version 4 made the records
     * binary; its rules are those of version 3.
     */
    public static final int COMMANDS_VERSION = CommandCodec.VERSION;
    /** The latest version of command records in JSON, which people can read. */
    public static final int JSON_COMMANDS_VERSION = JsonCommands.LAST_VERSION;

    private record Heartbeat(int v, EdgeHeartbeat heartbeat) {}

    private record Order(int v, EdgeOrder order) {}

    private LogCodec() {}

    /**
     * Writes the value of a command record.
     *
     * @param commands one or more commands of one partition, in order
     */
    public static byte[] commands(List<? extends Command> commands) {
        return CommandCodec.write(commands);
    }

    /**
     * Writes the value of a command record in a given version. A router's own commands use the version of their shard,
     * so that they do not change the shard's rules.
     */
    public static byte[] commands(int version, List<? extends Command> commands) {
        return version > JsonCommands.LAST_VERSION ? commands(commands) : JsonCommands.write(version, commands);
    }

    public static List<Command> commands(byte @Nullable [] value) throws MalformedRecordException {
        return commandBatch(value).commands();
    }

    public static CommandBatch commandBatch(byte @Nullable [] value) throws MalformedRecordException {
        var read = commandRecord(value);
        var commands = new ArrayList<Command>(read.items().size());
        for (var item : read.items()) {
            switch (item) {
                case CommandRecord.Item.Usable(var command) -> commands.add(command);
                case CommandRecord.Item.Unusable(var reason) -> throw new MalformedRecordException(reason);
            }
        }
        return new CommandBatch(read.v(), commands);
    }

    /**
     * Reads the value of a command record, command by command. An unreadable command becomes an
     * {@link CommandRecord.Item.Unusable} item.
     *
     * @throws MalformedRecordException if the record as a whole cannot be read
     */
    public static CommandRecord commandRecord(byte @Nullable [] value) throws MalformedRecordException {
        if (value == null) throw new MalformedRecordException("no value");
        if (!isBinary(value)) return JsonCommands.read(value);
        check(value[0], COMMANDS_VERSION);
        if (value[0] < CommandCodec.VERSION)
            throw new MalformedRecordException("version " + value[0] + " is JSON, but this record is not");
        return CommandCodec.read(value);
    }

    /**
     * Whether the record is binary: its first byte is a version, and not a character with which JSON can begin. A
     * future version must not be one of those characters.
     */
    private static boolean isBinary(byte[] value) {
        return value.length > 0 && value[0] >= 0 && value[0] < ' ' && value[0] != '\t' && value[0] != '\n'
                && value[0] != '\r';
    }

    /**
     * Writes the value of a command record with only some commands of another record. Their bytes are copied unchanged.
     *
     * @param value   of a record that {@link #commandRecord} could read
     * @param indexes of those commands, in order
     */
    public static byte[] only(byte[] value, List<Integer> indexes) {
        try {
            return isBinary(value) ? CommandCodec.only(value, indexes) : JsonCommands.only(value, indexes);
        } catch (MalformedRecordException e) {
            throw new IllegalArgumentException("not a record of commands", e);
        }
    }

    /** Encodes a batch. For several edges, a {@link DeliveryEncoder} needs less work. */
    public static byte[] deliveries(DeliveryBatch batch) {
        return new DeliveryEncoder().encode(batch);
    }

    public static DeliveryBatch deliveries(byte @Nullable [] value) throws MalformedRecordException {
        var read = deliveryRecord(value);
        var entries = new ArrayList<DeliveryBatch.Entry>(read.items().size());
        for (var item : read.items()) {
            switch (item) {
                case DeliveryRecord.Item.Usable(var entry) -> entries.add(entry);
                case DeliveryRecord.Item.Unusable unusable -> throw new MalformedRecordException(unusable.reason());
            }
        }
        return new DeliveryBatch(read.edge(), read.incarnation(), entries);
    }

    /**
     * Reads a batch, entry by entry. An unreadable entry becomes a {@link DeliveryRecord.Item.Unusable} item.
     *
     * @throws MalformedRecordException if the batch as a whole cannot be read
     */
    public static DeliveryRecord deliveryRecord(byte @Nullable [] value) throws MalformedRecordException {
        if (value == null || value.length == 0) throw new MalformedRecordException("no value");
        check(value[0], DeliveryCodec.VERSION);
        return DeliveryCodec.read(value);
    }

    public static byte[] heartbeat(EdgeHeartbeat heartbeat) {
        return write(new Heartbeat(VERSION, heartbeat));
    }

    public static EdgeHeartbeat heartbeat(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Heartbeat.class);
        check(read.v(), VERSION);
        return read.heartbeat();
    }

    public static byte[] order(EdgeOrder order) {
        return write(new Order(VERSION, order));
    }

    /**
     * Reads the value of an order.
     *
     * @throws MalformedRecordException also for an action that this version does not know
     */
    public static EdgeOrder order(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Order.class);
        check(read.v(), VERSION);
        return read.order();
    }

    static byte[] write(Object value) {
        try {
            return Json.MAPPER.writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write a record as JSON: " + value.getClass(), e);
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
            throw new MalformedRecordException("not a valid " + type.getSimpleName() + ": " + firstLine(e), e);
        }
    }

    static void check(int version, int latest) throws MalformedRecordException {
        if (version < 1 || version > latest) {
            throw new MalformedRecordException("version " + version + " is unknown here (up to " + latest + ")");
        }
    }

    /** The first line of a parser's message, with a limited length. The other lines quote the input. */
    private static String firstLine(Exception e) {
        var message = String.valueOf(e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage());
        var line = message.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }
}
