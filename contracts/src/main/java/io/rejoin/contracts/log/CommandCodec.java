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
    private static final int ABOUT = 96;

    private CommandCodec() {}

    static byte[] write(List<? extends Command> commands) {
        if (commands.size() > JsonArrayScanner.MAX)
            throw new IllegalArgumentException("more than " + JsonArrayScanner.MAX + " commands");
        var edges = edges(commands);
        var to = new BinaryWriter(expected(commands));
        to.put(VERSION);
        to.number(edges.size());
        for (var edge : edges.keySet()) {
            to.string(edge.edge());
            to.number(edge.incarnation());
            to.number(edge.partition());
        }
        to.number(commands.size());
        for (var command : commands) {
            var from = to.position();
            write(command, edges, to);
            to.lengthFrom(from);
        }
        return to.bytes();
    }

    private static Map<EdgeRef, Integer> edges(List<? extends Command> commands) {
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

    private static int expected(List<? extends Command> commands) {
        var bytes = ABOUT;
        for (var command : commands)
            bytes += command instanceof Command.Post post ? ABOUT + post.content().length() : ABOUT;
        return bytes;
    }

    private static void write(Command command, Map<EdgeRef, Integer> edges, BinaryWriter to) {
        switch (command) {
            case Command.Join(var room, var user, var connection, var edge, var request) -> {
                begin(JOIN, room, to);
                BinaryFields.user(user, room, to);
                BinaryFields.connection(connection, to);
                edge(edge, edges, to);
                to.number(request);
            }
            case Command.Leave(var room, var connection, var edge) -> {
                begin(LEAVE, room, to);
                BinaryFields.connection(connection, to);
                edge(edge, edges, to);
            }
            case Command.Post post -> writePost(post, edges, to);
            case Command.ListMembers(var room, var connection, var edge, var request) -> {
                begin(LIST_MEMBERS, room, to);
                BinaryFields.connection(connection, to);
                edge(edge, edges, to);
                to.number(request);
            }
            case Command.Acknowledge acknowledge -> writeAcknowledge(acknowledge, edges, to);
            case Command.Expire(var room, var epoch, var seq) -> {
                begin(EXPIRE, room, to);
                to.number(epoch);
                to.number(seq);
            }
            case Command.Forget(var room, var epoch, var seq, var silentMs) -> {
                begin(FORGET, room, to);
                to.number(epoch);
                to.number(seq);
                to.number(silentMs);
            }
            case Command.EdgeLost(var edge, var incarnation) -> {
                to.put(EDGE_LOST);
                to.string(edge);
                to.number(incarnation);
            }
        }
    }

    private static void begin(int kind, RoomId room, BinaryWriter to) {
        to.put(kind);
        BinaryFields.room(room, to);
    }

    private static void writePost(Command.Post post, Map<EdgeRef, Integer> edges, BinaryWriter to) {
        begin(POST, post.room(), to);
        BinaryFields.user(post.user(), post.room(), to);
        BinaryFields.connection(post.connection(), to);
        edge(post.edge(), edges, to);
        to.string(post.id());
        to.optional(post.confirmWithinMs());
        to.optional(post.digest());
        to.content(post.content());
    }

    private static void writeAcknowledge(Command.Acknowledge acknowledge, Map<EdgeRef, Integer> edges,
            BinaryWriter to) {
        begin(ACKNOWLEDGE, acknowledge.room(), to);
        BinaryFields.user(acknowledge.user(), acknowledge.room(), to);
        BinaryFields.connection(acknowledge.connection(), to);
        edge(acknowledge.edge(), edges, to);
        to.optional(acknowledge.epoch());
        to.number(acknowledge.seq());
        to.optional(acknowledge.request());
    }

    private static void edge(EdgeRef edge, Map<EdgeRef, Integer> edges, BinaryWriter to) {
        to.number(Objects.requireNonNull(edges.get(edge)));
    }

    static CommandRecord read(byte[] value) throws MalformedRecordException {
        var from = new BinaryReader(value, 1, value.length);
        var edges = readEdges(from);
        var count = from.count("commands", JsonArrayScanner.MAX);
        var items = new ArrayList<Item>(count);
        for (var i = 0; i < count; i++) items.add(item(from.part("command " + i), edges));
        from.atEnd("the record");
        return new CommandRecord(VERSION, items);
    }

    private static List<EdgeRef> readEdges(BinaryReader from) throws MalformedRecordException {
        var count = from.count("edges", JsonArrayScanner.MAX);
        var edges = new ArrayList<EdgeRef>();
        try {
            for (var i = 0; i < count; i++)
                edges.add(new EdgeRef(from.string("edge's id"), from.number("edge's incarnation"),
                        from.smallNumber("edge's partition")));
        } catch (IllegalArgumentException e) {
            throw new MalformedRecordException(String.valueOf(e.getMessage()), e);
        }
        return edges;
    }

    private static Item item(BinaryReader from, List<EdgeRef> edges) {
        try {
            var command = command(from, edges);
            from.atEnd("the command");
            return new Item.Usable(command);
        } catch (MalformedRecordException | IllegalArgumentException e) {
            return new Item.Unusable(String.valueOf(e.getMessage()));
        }
    }

    private static Command command(BinaryReader from, List<EdgeRef> edges) throws MalformedRecordException {
        var kind = from.oneByte("kind of command");
        if (kind == EDGE_LOST) return new Command.EdgeLost(from.string("edge's id"), from.number("incarnation"));
        if (kind < JOIN || kind > EDGE_LOST)
            throw new MalformedRecordException("a command of kind " + kind + " is unknown here");
        var room = BinaryFields.room(from);
        return switch (kind) {
            case JOIN -> new Command.Join(room, BinaryFields.user(room, from), BinaryFields.connection(from),
                    edge(from, edges), from.number("request"));
            case LEAVE -> new Command.Leave(room, BinaryFields.connection(from), edge(from, edges));
            case POST -> post(room, from, edges);
            case LIST_MEMBERS -> new Command.ListMembers(room, BinaryFields.connection(from), edge(from, edges),
                    from.number("request"));
            case ACKNOWLEDGE -> new Command.Acknowledge(room, BinaryFields.user(room, from),
                    BinaryFields.connection(from), edge(from, edges), from.optional("epoch"), from.number("seq"),
                    from.optional("request"));
            case EXPIRE -> new Command.Expire(room, from.number("epoch"), from.number("seq"));
            default -> new Command.Forget(room, from.number("epoch"), from.number("seq"), from.number("silentMs"));
        };
    }

    private static Command.Post post(RoomId room, BinaryReader from, List<EdgeRef> edges)
            throws MalformedRecordException {
        var user = BinaryFields.user(room, from);
        var connection = BinaryFields.connection(from);
        var edge = edge(from, edges);
        var id = from.stringOrNull("id");
        var confirmWithinMs = from.optional("confirmWithinMs");
        var digest = from.optional("digest");
        return new Command.Post(room, user, connection, edge, id, BinaryFields.checkedContent(from), confirmWithinMs,
                digest);
    }

    private static EdgeRef edge(BinaryReader from, List<EdgeRef> edges) throws MalformedRecordException {
        var index = from.number("edge");
        if (index < 0 || index >= edges.size())
            throw new MalformedRecordException("the command refers to edge " + index + " of " + edges.size());
        return edges.get((int) index);
    }

    /** Returns a record with only the commands at these indexes. Their bytes are copied unchanged. */
    static byte[] only(byte[] value, List<Integer> indexes) throws MalformedRecordException {
        var from = new BinaryReader(value, 1, value.length);
        var _ = readEdges(from);
        var edgesEnd = from.position();
        var count = from.count("commands", JsonArrayScanner.MAX);
        var ends = new int[count + 1];
        ends[0] = from.position();
        for (var i = 0; i < count; i++) {
            var _ = from.part("command " + i);
            ends[i + 1] = from.position();
        }
        var to = new BinaryWriter(value.length);
        to.put(value, 0, edgesEnd);
        to.number(indexes.size());
        for (var index : indexes) to.put(value, ends[index], ends[index + 1]);
        return to.bytes();
    }
}
