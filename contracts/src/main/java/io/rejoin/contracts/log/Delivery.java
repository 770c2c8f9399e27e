package io.rejoin.contracts.log;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an edge is to push, or to know: an entry of a {@link DeliveryBatch}. The names are for people: on its way it has a number. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Delivery.Joined.class, name = "joined"),
        @JsonSubTypes.Type(value = Delivery.Message.class, name = "message"),
        @JsonSubTypes.Type(value = Delivery.Acked.class, name = "acked"),
        @JsonSubTypes.Type(value = Delivery.Refused.class, name = "refused"),
        @JsonSubTypes.Type(value = Delivery.Cursor.class, name = "cursor"),
        @JsonSubTypes.Type(value = Delivery.Acknowledged.class, name = "acknowledged"),
        @JsonSubTypes.Type(value = Delivery.Redeliver.class, name = "redeliver"),
        @JsonSubTypes.Type(value = Delivery.Confirmed.class, name = "confirmed"),
        @JsonSubTypes.Type(value = Delivery.Expired.class, name = "expired"),
        @JsonSubTypes.Type(value = Delivery.Presence.class, name = "presence"),
        @JsonSubTypes.Type(value = Delivery.MemberList.class, name = "member_list"),
        @JsonSubTypes.Type(value = Delivery.GivenUp.class, name = "given_up")})
public sealed interface Delivery {
    /** Most members that are listed by name; the count is always true. */
    int MAX_LISTED = 200;

    /**
     * A connection is a member, and every message after {@code seq} follows in this stream.
     *
     * @param request the number its join had
     * @param members users, sorted, at most {@link #MAX_LISTED}
     * @param count   all users
     * @param cursor  the seq up to which the user has acknowledged; null if nothing
     * @param emptySince epochs of the room after this one that are over held no message; null if that is not known of any
     */
    record Joined(RoomId room, ConnectionId connection, long request, long epoch, long seq, List<UserId> members,
            int count, long version, @Nullable Long cursor, @Nullable Long emptySince) implements Delivery {
        public Joined {
            members = List.copyOf(members);
        }

        /** Where nothing is known of earlier epochs. */
        public Joined(RoomId room, ConnectionId connection, long request, long epoch, long seq, List<UserId> members,
                int count, long version, @Nullable Long cursor) {
            this(room, connection, request, epoch, seq, members, count, version, cursor, null);
        }
    }

    /** A message for every member of the room on this edge. */
    record Message(RoomId room, long epoch, long seq, UserId user, @Nullable String id, Content content, long ts)
            implements
                Delivery {}

    /** A post has its seq. With {@code duplicate} it had it before. */
    record Acked(RoomId room, ConnectionId connection, String id, long seq, long ts, boolean duplicate)
            implements
                Delivery {}

    /**
     * A post was not taken, and will not be seen. One with an id is refused again however often it is repeated, within the
     * duplicate window; of one without, each copy is another post.
     */
    record Refused(RoomId room, ConnectionId connection, @Nullable String id, Refusal reason) implements Delivery {}

    /** Why a router refuses a post. */
    enum Refusal {
        /** More users than {@link Command#MAX_RECIPIENTS} would have to confirm it. */
        TOO_MANY_RECIPIENTS,
        /** The id belongs to another message of the same user in the room. */
        ID_CONFLICT
    }

    /**
     * A user's cursor has moved; for every connection of that user in the room on this edge.
     *
     * @param by the connection that acknowledged: it knows already
     */
    record Cursor(RoomId room, UserId user, long epoch, long seq, ConnectionId by) implements Delivery {}

    /**
     * Where the user's cursor stands after an acknowledgement, whether that moved it or not.
     *
     * @param request the number that the acknowledgement had
     * @param epoch   the room's present one; 0 if nothing is known of the room
     * @param seq     up to where the user has acknowledged; 0 for nothing
     */
    record Acknowledged(RoomId room, ConnectionId connection, long request, long epoch, long seq)
            implements
                Delivery {}

    /**
     * A message is to be sent again to the connections of a user who has not acknowledged it. Emitted on a schedule, beside
     * the order of the log: the drop rule does not apply to it, and a repetition is harmless.
     */
    record Redeliver(RoomId room, long epoch, long seq, UserId user) implements Delivery {}

    /** A user has acknowledged a post; for the connection that posted it, in whatever incarnation its edge is by now. */
    record Confirmed(RoomId room, ConnectionId connection, long seq, @Nullable String id, UserId user)
            implements
                Delivery {}

    /** These users have not acknowledged a post in time; for the connection that posted it, as {@link Confirmed}. */
    record Expired(RoomId room, ConnectionId connection, long seq, @Nullable String id, List<UserId> users)
            implements
                Delivery {
        public Expired {
            users = List.copyOf(users);
        }
    }

    /** A user came or went; for every member of the room on this edge. */
    record Presence(RoomId room, Action action, UserId user, int count, long version) implements Delivery {}

    /** Who is in a room; as in {@link Joined}. */
    record MemberList(RoomId room, ConnectionId connection, long request, List<UserId> members, int count, long version)
            implements
                Delivery {
        public MemberList {
            members = List.copyOf(members);
        }
    }

    /** The edge was given up by a shard: it takes a new incarnation and joins its members again. */
    record GivenUp(long incarnation) implements Delivery {}

    /** Which way a user went. */
    enum Action {
        JOIN, LEAVE
    }
}
