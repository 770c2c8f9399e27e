package io.rejoin.contracts.log;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/**
 * An intent in {@code rejoin.commands}. Once appended its fate is decided: what a shard makes of it depends on the
 * commands before it and on the time the log gave it, and on nothing else.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Command.Join.class, name = "join"),
        @JsonSubTypes.Type(value = Command.Leave.class, name = "leave"),
        @JsonSubTypes.Type(value = Command.Post.class, name = "post"),
        @JsonSubTypes.Type(value = Command.ListMembers.class, name = "list_members"),
        @JsonSubTypes.Type(value = Command.Acknowledge.class, name = "acknowledge"),
        @JsonSubTypes.Type(value = Command.Expire.class, name = "expire"),
        @JsonSubTypes.Type(value = Command.Forget.class, name = "forget"),
        @JsonSubTypes.Type(value = Command.EdgeLost.class, name = "edge_lost")})
public sealed interface Command {
    /** The longest id that becomes part of a shard's state, in characters. */
    int MAX_ID = 128;
    /** Most users that can be asked to confirm a message. */
    int MAX_RECIPIENTS = 200;
    /** The longest time in which a message can be confirmed: 30 days, in milliseconds. */
    long MAX_CONFIRM_MS = 30L * 24 * 60 * 60 * 1000;

    /** A room is not forgotten sooner than the ids of its posts may be: after a day, in milliseconds. */
    long MIN_SILENT_MS = 24L * 60 * 60 * 1000;

    /** A command about one room; it stands in the room's partition. */
    sealed interface OfRoom extends Command {
        RoomId room();
    }

    /**
     * Makes a connection a member of a room; answered by {@link Delivery.Joined}. A join of a member that is one already
     * changes nothing but the edge it is reached by.
     *
     * @param request the edge's own number of this join, given back in the answer
     */
    record Join(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, long request) implements OfRoom {}

    /** Ends a connection's membership; nothing happens if it is no member. */
    record Leave(RoomId room, ConnectionId connection, EdgeRef edge) implements OfRoom {}

    /**
     * Posts a message. With an {@code id} it is answered by {@link Delivery.Acked}, and a repetition of the same
     * {@code (room, user, id)} within the duplicate window is answered as the first was. With another {@code digest} than the
     * first it is no repetition but another message, and refused.
     *
     * <p>With {@code confirmWithinMs} it is delivered again until those it is meant for have acknowledged it, or that time has
     * passed: the owner of a personal room, otherwise the users who are in the room, except the poster. Of more than
     * {@link #MAX_RECIPIENTS} it is refused.
     *
     * @param id              at most {@link #MAX_ID} characters: routers keep it in their state
     * @param confirmWithinMs milliseconds of log time; null if nobody has to confirm
     * @param digest          of the content, see {@link io.rejoin.contracts.ContentDigest}; null from edges that know none, and
     *                        without an id
     */
    record Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id, Content content,
            @Nullable Long confirmWithinMs, @Nullable Long digest) implements OfRoom {
        public Post {
            if (id != null) check(id);
            if (confirmWithinMs != null && (confirmWithinMs < 1 || confirmWithinMs > MAX_CONFIRM_MS))
                throw new IllegalArgumentException("confirmWithinMs is out of range: " + confirmWithinMs);
        }

        /** A post without a digest. */
        public Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id,
                Content content, @Nullable Long confirmWithinMs) {
            this(room, user, connection, edge, id, content, confirmWithinMs, null);
        }

        /** A post that nobody has to confirm, without a digest. */
        public Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id,
                Content content) {
            this(room, user, connection, edge, id, content, null, null);
        }
    }

    /**
     * A user has processed everything up to {@code seq}, wherever it is: moves the user's cursor in the room, never back and
     * never beyond the room's last message.
     *
     * @param connection the device that says so: the others are told
     * @param epoch      the epoch that {@code seq} counts in; in another one nothing happens. Null if it is not known
     * @param request    the edge's own number of this, given back in {@link Delivery.Acknowledged}; null if nobody waits for it
     */
    record Acknowledge(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable Long epoch, long seq,
            @Nullable Long request) implements OfRoom {
        /** One that nobody waits to be answered. */
        public Acknowledge(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable Long epoch,
                long seq) {
            this(room, user, connection, edge, epoch, seq, null);
        }
    }

    /**
     * A router finds that a message was not confirmed in time. Has an effect only if that is so by the log's own time;
     * appended by routers to their own partitions, harmless when repeated.
     */
    record Expire(RoomId room, long epoch, long seq) implements OfRoom {}

    /**
     * A router finds that nothing happened in a room for that long. The room is then forgotten with its cursors, and begins a
     * new epoch when it is heard of next. That happens only if it is so by the log's own time, and the last message is that one.
     * Nobody may be in the room, and nothing in it may still have to be confirmed. Appended by routers to their own partitions,
     * harmless when repeated.
     *
     * @param silentMs milliseconds of log time, at least {@link #MIN_SILENT_MS}
     */
    record Forget(RoomId room, long epoch, long seq, long silentMs) implements OfRoom {
        public Forget {
            if (silentMs < MIN_SILENT_MS) throw new IllegalArgumentException("silentMs is out of range: " + silentMs);
        }
    }

    /** Asks who is in a room; answered by {@link Delivery.MemberList}. */
    record ListMembers(RoomId room, ConnectionId connection, EdgeRef edge, long request) implements OfRoom {}

    /**
     * A router gives an edge up: its members leave, in this partition. Appended by routers to their own partitions; harmless
     * when repeated. Joins and leaves of this and earlier incarnations are ignored from here on.
     */
    record EdgeLost(String edge, long incarnation) implements Command {
        public EdgeLost {
            check(edge);
        }
    }

    private static void check(String id) {
        if (id.length() > MAX_ID) throw new IllegalArgumentException("an id has at most " + MAX_ID + " characters");
    }
}
