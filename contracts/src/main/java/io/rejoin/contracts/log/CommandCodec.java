package io.rejoin.contracts.log;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.CommandRecord.Item;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Codec of command records from version 4 on. The first byte is the version.
 *
 * <p>Then come the edges that the commands refer to: their number, then the id, incarnation and partition of each. Then
 * come the commands: their number, then each command with its length before it. So one unreadable command does not
 * affect the others. A command is one byte for its kind, and its fields. A command refers to its edge by an index into
 * the record's edges.
 *
 * <p>{@link BinaryWriter} defines the form of numbers, strings and contents; {@link BinaryFields} that of rooms and
 * users.
 */
final class CommandCodec {
    static final int VERSION = 4;

    private static final int JOIN = 1;
    private static final int LEAVE = 2;
    private static final int POST = 3;
    private static final int LIST_MEMBERS = 4;
    private static final int ACKNOWLEDGE = 5;
    private static final int EXPIRE = 6;
    private static final int FORGET = 7;
    private static final int EDGE_LOST = 8;

    /** Approximate size of a command without its content, in bytes. */
    private static final int BYTES_WITHOUT_CONTENT = 96;

    private CommandCodec() {}

    static byte[] write(List<? extends Command> commands) {
        if (commands.size() > JsonArrayScanner.MAX)
            throw new IllegalArgumentException("more than " + JsonArrayScanner.MAX + " commands");
        var edges = collectEdges(commands);
        var writer = new BinaryWriter(expectedBytes(commands));
        writer.put(VERSION);
        writer.number(edges.size());
        for (var edge : edges.keySet()) {
            writer.string(edge.edge());
            writer.number(edge.incarnation());
            writer.number(edge.partition());
        }
        writer.number(commands.size());
        for (var command : commands) {
            var start = writer.position();
            write(command, edges, writer);
            writer.insertLength(start);
        }
        return writer.bytes();
    }

    private static Map<EdgeRef, Integer> collectEdges(List<? extends Command> commands) {
        var edges = new LinkedHashMap<EdgeRef, Integer>();
        for (var command : commands) {
            switch (command) {
                case Command.Join join -> edges.putIfAbsent(join.edge(), edges.size());
                case Command.Leave leave -> edges.putIfAbsent(leave.edge(), edges.size());
                case Command.Post post -> edges.putIfAbsent(post.edge(), edges.size());
                case Command.ListMembers list -> edges.putIfAbsent(list.edge(), edges.size());
                case Command.Acknowledge acknowledge -> edges.putIfAbsent(acknowledge.edge(), edges.size());
                case Command.Expire _,Command.Forget _,Command.EdgeLost _ -> {
                    // these commands have no edge
                }
            }
        }
        return edges;
    }

    private static int expectedBytes(List<? extends Command> commands) {
        var bytes = BYTES_WITHOUT_CONTENT;
        for (var command : commands)
            bytes += BYTES_WITHOUT_CONTENT + (command instanceof Command.Post post ? post.content().length() : 0);
        return bytes;
    }

    private static void write(Command command, Map<EdgeRef, Integer> edges, BinaryWriter writer) {
        switch (command) {
            case Command.Join(var room, var user, var connection, var edge, var request) -> {
                writeKindAndRoom(JOIN, room, writer);
                BinaryFields.user(user, room, writer);
                BinaryFields.connection(connection, writer);
                writeEdge(edge, edges, writer);
                writer.number(request);
            }
            case Command.Leave(var room, var connection, var edge) -> {
                writeKindAndRoom(LEAVE, room, writer);
                BinaryFields.connection(connection, writer);
                writeEdge(edge, edges, writer);
            }
            case Command.Post post -> writePost(post, edges, writer);
            case Command.ListMembers(var room, var connection, var edge, var request) -> {
                writeKindAndRoom(LIST_MEMBERS, room, writer);
                BinaryFields.connection(connection, writer);
                writeEdge(edge, edges, writer);
                writer.number(request);
            }
            case Command.Acknowledge acknowledge -> writeAcknowledge(acknowledge, edges, writer);
            case Command.Expire(var room, var epoch, var seq) -> {
                writeKindAndRoom(EXPIRE, room, writer);
                writer.number(epoch);
                writer.number(seq);
            }
            case Command.Forget(var room, var epoch, var seq, var silentMs) -> {
                writeKindAndRoom(FORGET, room, writer);
                writer.number(epoch);
                writer.number(seq);
                writer.number(silentMs);
            }
            case Command.EdgeLost(var edge, var incarnation) -> {
                writer.put(EDGE_LOST);
                writer.string(edge);
                writer.number(incarnation);
            }
        }
    }

    private static void writeKindAndRoom(int kind, RoomId room, BinaryWriter writer) {
        writer.put(kind);
        BinaryFields.room(room, writer);
    }

    private static void writePost(Command.Post post, Map<EdgeRef, Integer> edges, BinaryWriter writer) {
        writeKindAndRoom(POST, post.room(), writer);
        BinaryFields.user(post.user(), post.room(), writer);
        BinaryFields.connection(post.connection(), writer);
        writeEdge(post.edge(), edges, writer);
        writer.string(post.id());
        writer.optional(post.confirmWithinMs());
        writer.optional(post.digest());
        writer.content(post.content());
    }

    private static void writeAcknowledge(Command.Acknowledge acknowledge, Map<EdgeRef, Integer> edges,
            BinaryWriter writer) {
        writeKindAndRoom(ACKNOWLEDGE, acknowledge.room(), writer);
        BinaryFields.user(acknowledge.user(), acknowledge.room(), writer);
        BinaryFields.connection(acknowledge.connection(), writer);
        writeEdge(acknowledge.edge(), edges, writer);
        writer.optional(acknowledge.epoch());
        writer.number(acknowledge.seq());
        writer.optional(acknowledge.request());
    }

    private static void writeEdge(EdgeRef edge, Map<EdgeRef, Integer> edges, BinaryWriter writer) {
        writer.number(Objects.requireNonNull(edges.get(edge)));
    }

    static CommandRecord read(byte[] value) throws MalformedRecordException {
        var reader = new BinaryReader(value, 1, value.length);
        var edges = readEdges(reader);
        var count = reader.count("commands", JsonArrayScanner.MAX);
        var items = new ArrayList<Item>(count);
        for (var i = 0; i < count; i++) items.add(readItem(reader.readPart("command " + i), edges));
        reader.checkEnd("the record");
        return new CommandRecord(VERSION, items);
    }

    private static List<EdgeRef> readEdges(BinaryReader reader) throws MalformedRecordException {
        var count = reader.count("edges", JsonArrayScanner.MAX);
        var edges = new ArrayList<EdgeRef>();
        try {
            for (var i = 0; i < count; i++)
                edges.add(new EdgeRef(reader.string("edge's id"), reader.number("edge's incarnation"),
                        reader.smallNumber("edge's partition")));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(String.valueOf(e.getMessage()), e);
        }
        return edges;
    }

    private static Item readItem(BinaryReader reader, List<EdgeRef> edges) {
        try {
            var command = readCommand(reader, edges);
            reader.checkEnd("the command");
            return new Item.Usable(command);
        } catch (MalformedRecordException | IllegalArgumentException e) {
            return new Item.Unusable(String.valueOf(e.getMessage()));
        }
    }

    private static Command readCommand(BinaryReader reader, List<EdgeRef> edges) throws MalformedRecordException {
        var kind = reader.oneByte("kind of command");
        if (kind == EDGE_LOST) return new Command.EdgeLost(reader.string("edge's id"), reader.number("incarnation"));
        if (kind < JOIN || kind > EDGE_LOST)
            throw new MalformedRecordException("a command of kind " + kind + " is unknown here");
        var room = BinaryFields.room(reader);
        return switch (kind) {
            case JOIN -> new Command.Join(room, BinaryFields.user(room, reader), BinaryFields.connection(reader),
                    readEdge(reader, edges), reader.number("request"));
            case LEAVE -> new Command.Leave(room, BinaryFields.connection(reader), readEdge(reader, edges));
            case POST -> readPost(room, reader, edges);
            case LIST_MEMBERS -> new Command.ListMembers(room, BinaryFields.connection(reader), readEdge(reader, edges),
                    reader.number("request"));
            case ACKNOWLEDGE -> new Command.Acknowledge(room, BinaryFields.user(room, reader),
                    BinaryFields.connection(reader), readEdge(reader, edges), reader.optional("epoch"),
                    reader.number("seq"), reader.optional("request"));
            case EXPIRE -> new Command.Expire(room, reader.number("epoch"), reader.number("seq"));
            default ->
                new Command.Forget(room, reader.number("epoch"), reader.number("seq"), reader.number("silentMs"));
        };
    }

    private static Command.Post readPost(RoomId room, BinaryReader reader, List<EdgeRef> edges)
            throws MalformedRecordException {
        var user = BinaryFields.user(room, reader);
        var connection = BinaryFields.connection(reader);
        var edge = readEdge(reader, edges);
        var id = reader.stringOrNull("id");
        var confirmWithinMs = reader.optional("confirmWithinMs");
        var digest = reader.optional("digest");
        return new Command.Post(room, user, connection, edge, id, BinaryFields.checkedContent(reader), confirmWithinMs,
                digest);
    }

    private static EdgeRef readEdge(BinaryReader reader, List<EdgeRef> edges) throws MalformedRecordException {
        var index = reader.number("edge");
        if (index < 0 || index >= edges.size())
            throw new MalformedRecordException("the command refers to edge " + index + " of " + edges.size());
        return edges.get((int) index);
    }

    /** Returns a record with only the commands at these indexes. Their bytes are copied unchanged. */
    static byte[] only(byte[] value, List<Integer> indexes) throws MalformedRecordException {
        var reader = new BinaryReader(value, 1, value.length);
        var _ = readEdges(reader);
        var edgesEnd = reader.position();
        var count = reader.count("commands", JsonArrayScanner.MAX);
        var ends = new int[count + 1];
        ends[0] = reader.position();
        for (var i = 0; i < count; i++) {
            var _ = reader.readPart("command " + i);
            ends[i + 1] = reader.position();
        }
        var writer = new BinaryWriter(value.length);
        writer.put(value, 0, edgesEnd);
        writer.number(indexes.size());
        for (var index : indexes) writer.put(value, ends[index], ends[index + 1]);
        return writer.bytes();
    }
}
