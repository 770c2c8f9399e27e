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
 * A request in the topic {@code rejoin.commands} to change or read a room. The outcome is decided once the command is
 * appended: it depends only on the commands before it in the partition and on its log time.
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
    /** Maximum length, in characters, of an id that a shard keeps in its state. */
    int MAX_ID = 128;
    /** Maximum number of users who can be asked to confirm one message. */
    int MAX_RECIPIENTS = 200;
    /** Maximum time that users have to confirm a message: 30 days, in milliseconds. */
    long MAX_CONFIRM_MS = 30L * 24 * 60 * 60 * 1000;

    /**
     * Minimum time without activity before a room can be forgotten: one day, in milliseconds. A shard may forget the
     * ids of posts after one day, and must not forget their room earlier.
     */
    long MIN_SILENT_MS = 24L * 60 * 60 * 1000;

    /** A command about one room. It is appended to the room's partition. */
    sealed interface OfRoom extends Command {
        RoomId room();
    }

    /**
     * Makes a connection a member of a room; answered by {@link Delivery.Joined}. If the connection is a member
     * already, only the edge through which it is reached changes.
     *
     * @param request number that the edge gives this join; the answer repeats it
     */
    record Join(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, long request) implements OfRoom {}

    /** Ends a connection's membership. Has no effect if the connection is not a member. */
    record Leave(RoomId room, ConnectionId connection, EdgeRef edge) implements OfRoom {}

    /**
     * Posts a message. A post with an {@code id} is answered by {@link Delivery.Acked}. A repeated post with the same
     * {@code (room, user, id)} within the duplicate window gets the same answer as the first post. If its
     * {@code digest} differs from the first one, it is another message, and is refused.
     *
     * <p>If {@code confirmWithinMs} is given, the message is delivered again until all its recipients acknowledge it or
     * that time has passed. In a personal room the recipient is the owner. In another room the recipients are all users
     * in the room except the poster. A post with more than {@link #MAX_RECIPIENTS} recipients is refused.
     *
     * @param id              at most {@link #MAX_ID} characters, because routers keep it in their state
     * @param confirmWithinMs milliseconds of log time; null if nobody has to confirm
     * @param digest          of the content, see {@link io.rejoin.contracts.ContentDigest}; null if there is no id, or
     *                        if the edge is too old to compute a digest
     */
    record Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id, Content content,
            @Nullable Long confirmWithinMs, @Nullable Long digest) implements OfRoom {
        public Post {
            if (id != null) check(id);
            if (confirmWithinMs != null && (confirmWithinMs < 1 || confirmWithinMs > MAX_CONFIRM_MS))
                throw new IllegalArgumentException("confirmWithinMs is out of range: " + confirmWithinMs);
        }

        /** Creates a post without a digest. */
        public Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id,
                Content content, @Nullable Long confirmWithinMs) {
            this(room, user, connection, edge, id, content, confirmWithinMs, null);
        }

        /** Creates a post that nobody has to confirm, without a digest. */
        public Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id,
                Content content) {
            this(room, user, connection, edge, id, content, null, null);
        }
    }

    /**
     * Acknowledges that a user has processed everything up to {@code seq}. Moves the user's cursor in the room; never
     * backwards, and never beyond the room's last message.
     *
     * @param connection the connection that acknowledges; the user's other connections receive the new cursor
     * @param epoch      the epoch of {@code seq}, null if unknown; the cursor does not move if the room has another
     *                   epoch
     * @param request    number that the edge gives this command, repeated in {@link Delivery.Acknowledged}; null if
     *                   nobody waits for the answer
     */
    record Acknowledge(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable Long epoch, long seq,
            @Nullable Long request) implements OfRoom {
        /** Creates an acknowledgement without an answer. */
        public Acknowledge(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable Long epoch,
                long seq) {
            this(room, user, connection, edge, epoch, seq, null);
        }
    }

    /**
     * Ends the wait for confirmation of a message, because its time has passed. Has an effect only if the time has
     * passed by the log time of this command. A router appends it to its own partitions. A repetition has no effect.
     */
    record Expire(RoomId room, long epoch, long seq) implements OfRoom {}

    /**
     * Forgets a room in which nothing happened for {@code silentMs}. The room's cursors are forgotten, too. The room
     * begins a new epoch when it is used next.
     *
     * <p>The command has an effect only if all of these conditions hold:
     *
     * <ul>
     * <li>Nothing happened in the room for {@code silentMs}, by log time.
     * <li>{@code epoch} and {@code seq} are the room's current ones.
     * <li>The room has no members.
     * <li>No message of the room waits for confirmation.
     * </ul>
     *
     * <p>A router appends the command to its own partitions. A repetition has no effect.
     *
     * @param silentMs milliseconds of log time, at least {@link #MIN_SILENT_MS}
     */
    record Forget(RoomId room, long epoch, long seq, long silentMs) implements OfRoom {
        public Forget {
            if (silentMs < MIN_SILENT_MS) throw new IllegalArgumentException("silentMs is out of range: " + silentMs);
        }
    }

    /** Asks for the members of a room; answered by {@link Delivery.MemberList}. */
    record ListMembers(RoomId room, ConnectionId connection, EdgeRef edge, long request) implements OfRoom {}

    /**
     * Gives an edge up, because it is silent: all its members in this partition leave. A router appends it to its own
     * partitions. A repetition has no effect. From then on the shard ignores joins and leaves of this incarnation and
     * of earlier ones.
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
