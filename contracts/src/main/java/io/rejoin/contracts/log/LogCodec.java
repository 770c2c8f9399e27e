package io.rejoin.contracts.log;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.Source;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes and records of the internal topics, and of the link: commands, deliveries, orders, heartbeats. JSON under a version {@code v}; fields that a
 * reader does not know are ignored, a version it does not know is malformed. Safe for any thread.
 */
public final class LogCodec {
    /** The version written of deliveries, orders and heartbeats; readers take this one and all before it. */
    public static final int VERSION = 1;
    /**
     * The latest version of command records. From 2 on rooms vanish, and are forgotten; from 3 on a shard keeps how far it has told
     * each edge.
     */
    public static final int COMMANDS_VERSION = 3;
    private static final String COMMANDS = "commands";

    private record Commands(int v, List<Command> commands) {
        private Commands {
            commands = List.copyOf(commands);
        }
    }

    private record Deliveries(int v, DeliveryBatch batch) {}

    private record Heartbeat(int v, EdgeHeartbeat heartbeat) {}

    private record Order(int v, EdgeOrder order) {}

    /** What can be read of an entry whose delivery cannot be. */
    private record DeliveryOutline(@Nullable String source, @Nullable TypeOutline delivery) {}

    private record TypeOutline(@Nullable String type) {}

    private LogCodec() {}

    /** The value of a command record: one or more commands of one partition, in order. */
    public static byte[] commands(List<Command> commands) {
        return commands(COMMANDS_VERSION, commands);
    }

    /** The same in a certain version: what a router appends by itself must not change the rules of its shard. */
    public static byte[] commands(int version, List<Command> commands) {
        return write(new Commands(version, commands));
    }

    public static List<Command> commands(byte @Nullable [] value) throws MalformedRecordException {
        return commandBatch(value).commands();
    }

    public static CommandBatch commandBatch(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Commands.class);
        check(read.v(), COMMANDS_VERSION);
        return new CommandBatch(read.v(), read.commands());
    }

    /**
     * The same, command by command. What is wrong with one of them is told in its place.
     *
     * @throws MalformedRecordException when it is the record that cannot be read
     */
    public static CommandRecord commandRecord(byte @Nullable [] value) throws MalformedRecordException {
        try {
            var read = read(value, Commands.class);
            check(read.v(), COMMANDS_VERSION);
            return new CommandRecord(read.v(),
                    read.commands().stream().<CommandRecord.Item>map(CommandRecord.Item.Usable::new).toList());
        } catch (MalformedRecordException whole) { // rare: so the others need not be read one by one
            if (value == null) throw whole;
            return commandByCommand(value, whole);
        }
    }

    private static CommandRecord commandByCommand(byte[] value, MalformedRecordException whole)
            throws MalformedRecordException {
        var elements = elements(value, whole, COMMANDS);
        var envelope = read(elements.with(List.of()), Commands.class);
        check(envelope.v(), COMMANDS_VERSION);
        if (!envelope.commands().isEmpty()) throw whole;
        var items = new ArrayList<CommandRecord.Item>();
        for (var i = 0; i < elements.count(); i++) {
            try {
                items.add(new CommandRecord.Item.Usable(read(elements.element(i), Command.class)));
            } catch (MalformedRecordException e) {
                items.add(new CommandRecord.Item.Unusable(String.valueOf(e.getMessage())));
            }
        }
        return new CommandRecord(envelope.v(), items);
    }

    /**
     * The value of a command record that holds some commands of another one, byte by byte as they stand there.
     *
     * @param value   of a record that {@link #commandRecord} could read
     * @param indexes of those commands, in order
     */
    public static byte[] only(byte[] value, List<Integer> indexes) {
        try {
            return Elements.of(value, COMMANDS).with(indexes);
        } catch (MalformedRecordException e) {
            throw new IllegalArgumentException("no record of commands", e);
        }
    }

    private static Elements elements(byte[] value, MalformedRecordException whole, String... path)
            throws MalformedRecordException {
        try {
            return Elements.of(value, path);
        } catch (MalformedRecordException e) {
            whole.addSuppressed(e);
            throw whole;
        }
    }

    public static byte[] deliveries(DeliveryBatch batch) {
        return write(new Deliveries(VERSION, batch));
    }

    public static DeliveryBatch deliveries(byte @Nullable [] value) throws MalformedRecordException {
        var read = read(value, Deliveries.class);
        check(read.v(), VERSION);
        return read.batch();
    }

    /**
     * The same, entry by entry. What is wrong with one of them is told in its place.
     *
     * @throws MalformedRecordException when it is the record that cannot be read
     */
    public static DeliveryRecord deliveryRecord(byte @Nullable [] value) throws MalformedRecordException {
        try {
            var batch = deliveries(value);
            return new DeliveryRecord(batch.edge(), batch.incarnation(),
                    batch.entries().stream().<DeliveryRecord.Item>map(DeliveryRecord.Item.Usable::new).toList());
        } catch (MalformedRecordException whole) {
            if (value == null) throw whole;
            return deliveryByDelivery(value, whole);
        }
    }

    private static DeliveryRecord deliveryByDelivery(byte[] value, MalformedRecordException whole)
            throws MalformedRecordException {
        var elements = elements(value, whole, "batch", "entries");
        var envelope = deliveries(elements.with(List.of()));
        if (!envelope.entries().isEmpty()) throw whole;
        var items = new ArrayList<DeliveryRecord.Item>();
        for (var i = 0; i < elements.count(); i++) {
            var element = elements.element(i);
            try {
                items.add(new DeliveryRecord.Item.Usable(read(element, DeliveryBatch.Entry.class)));
            } catch (MalformedRecordException e) {
                items.add(unreadable(element, String.valueOf(e.getMessage())));
            }
        }
        return new DeliveryRecord(envelope.edge(), envelope.incarnation(), items);
    }

    private static DeliveryRecord.Item unreadable(byte[] element, String reason) {
        try {
            var entry = read(element, DeliveryOutline.class);
            return new DeliveryRecord.Item.Unusable(Source.of(String.valueOf(entry.source())),
                    entry.delivery() == null ? null : entry.delivery().type(), reason);
        } catch (MalformedRecordException | IllegalArgumentException _) {
            return new DeliveryRecord.Item.Unusable(null, null, reason);
        }
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

    private static void check(int version, int latest) throws MalformedRecordException {
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
