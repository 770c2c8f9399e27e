package io.rejoin.contracts.log;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes and records of the internal topics, and of the link. What comes for each message is binary: commands, from version 4 on
 * (see {@link CommandCodec}), and deliveries ({@link DeliveryCodec}). Orders, heartbeats and earlier commands are JSON under a
 * version {@code v}; there, fields that a reader does not know are ignored. A version it does not know is malformed. Safe for any
 * thread.
 */
public final class LogCodec {
    /** The version written of orders and heartbeats; readers take this one and all before it. */
    public static final int VERSION = 1;
    /**
     * The latest version of command records. From 2 on rooms vanish, and are forgotten; from 3 on a shard keeps how far it has told
     * each edge; from 4 on records are binary, and nothing else is new.
     */
    public static final int COMMANDS_VERSION = CommandCodec.VERSION;
    /** The latest version of command records that people can read. */
    public static final int JSON_COMMANDS_VERSION = JsonCommands.LAST_VERSION;

    private record Heartbeat(int v, EdgeHeartbeat heartbeat) {}

    private record Order(int v, EdgeOrder order) {}

    private LogCodec() {}

    /** The value of a command record: one or more commands of one partition, in order. */
    public static byte[] commands(List<? extends Command> commands) {
        return CommandCodec.write(commands);
    }

    /** The same in a certain version: what a router appends by itself must not change the rules of its shard. */
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
     * The same, command by command. What is wrong with one of them is told in its place.
     *
     * @throws MalformedRecordException when it is the record that cannot be read
     */
    public static CommandRecord commandRecord(byte @Nullable [] value) throws MalformedRecordException {
        if (value == null) throw new MalformedRecordException("no value");
        if (!isBinary(value)) return JsonCommands.read(value);
        check(value[0], COMMANDS_VERSION);
        if (value[0] < CommandCodec.VERSION)
            throw new MalformedRecordException("version " + value[0] + " is JSON, and this is none");
        return CommandCodec.read(value);
    }

    /** Whether the first byte is a version. No version will be one of the characters that JSON may begin with. */
    private static boolean isBinary(byte[] value) {
        return value.length > 0 && value[0] >= 0 && value[0] < ' ' && value[0] != '\t' && value[0] != '\n'
                && value[0] != '\r';
    }

    /**
     * The value of a command record that holds some commands of another one, byte by byte as they stand there.
     *
     * @param value   of a record that {@link #commandRecord} could read
     * @param indexes of those commands, in order
     */
    public static byte[] only(byte[] value, List<Integer> indexes) {
        try {
            return isBinary(value) ? CommandCodec.only(value, indexes) : JsonCommands.only(value, indexes);
        } catch (MalformedRecordException e) {
            throw new IllegalArgumentException("no record of commands", e);
        }
    }

    /** The bytes of a batch; for several edges, a {@link DeliveryEncoder} makes them at less cost. */
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
     * The same, entry by entry. What is wrong with one of them is told in its place.
     *
     * @throws MalformedRecordException when it is the batch that cannot be read
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
     * The order of that value.
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

    static void check(int version, int latest) throws MalformedRecordException {
        if (version < 1 || version > latest) {
            throw new MalformedRecordException("version " + version + " is unknown here (up to " + latest + ")");
        }
    }

    /** The first line of a parser's message, bounded: the rest quotes the input. */
    private static String brief(Exception e) {
        var message = String.valueOf(e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage());
        var line = message.lines().findFirst().orElse("");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }
}
