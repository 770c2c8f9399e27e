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
        @JsonSubTypes.Type(value = Command.EdgeLost.class, name = "edge_lost")})
public sealed interface Command {
    /** The longest id that becomes part of a shard's state, in characters. */
    int MAX_ID = 128;

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
     * {@code (room, user, id)} within the duplicate window is answered with the seq of the first.
     *
     * @param id at most {@link #MAX_ID} characters: routers keep it in their state
     */
    record Post(RoomId room, UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id, Content content)
            implements
                OfRoom {
        public Post {
            if (id != null) check(id);
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
