package io.rejoin.contracts.log;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An output of a shard for an edge, in an entry of a {@link DeliveryBatch}. Most deliveries are pushed to clients. The
 * JSON type names are for people; the binary form has a number for each type.
 */
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
    /** Maximum number of members that are listed by name. The count always includes all members. */
    int MAX_LISTED = 200;

    /**
     * A connection is now a member. Every message after {@code seq} follows in the edge's stream.
     *
     * @param request    number of the {@link Command.Join}
     * @param seq        the room's last seq
     * @param members    users, sorted, at most {@link #MAX_LISTED}
     * @param count      number of all users
     * @param version    version of the room's presence
     * @param cursor     the seq up to which the user has acknowledged; null if nothing
     * @param emptySince a finished epoch of the room that is later than this one held no message; null if no such bound
     *                   is known
     */
    record Joined(RoomId room, ConnectionId connection, long request, long epoch, long seq, List<UserId> members,
            int count, long version, @Nullable Long cursor, @Nullable Long emptySince) implements Delivery {
        public Joined {
            members = List.copyOf(members);
        }

        /** Creates one without a bound for earlier epochs. */
        public Joined(RoomId room, ConnectionId connection, long request, long epoch, long seq, List<UserId> members,
                int count, long version, @Nullable Long cursor) {
            this(room, connection, request, epoch, seq, members, count, version, cursor, null);
        }
    }

    /** A message for every member of the room on this edge; {@code ts} is its log time. */
    record Message(RoomId room, long epoch, long seq, UserId user, @Nullable String id, Content content, long ts)
            implements
                Delivery {}

    /** A post was accepted and has this seq. If {@code duplicate} is true, an earlier copy of the post was accepted. */
    record Acked(RoomId room, ConnectionId connection, String id, long seq, long ts, boolean duplicate)
            implements
                Delivery {}

    /**
     * A post was refused: nobody receives the message. A repeated post with the same id is refused again within the
     * duplicate window. A repeated post without an id is a new post.
     */
    record Refused(RoomId room, ConnectionId connection, @Nullable String id, Refusal reason) implements Delivery {}

    /** Why a router refuses a post. */
    enum Refusal {
        /** More users than {@link Command#MAX_RECIPIENTS} would have to confirm it. */
        TOO_MANY_RECIPIENTS,
        /** The same user has posted another message under this id in the room. */
        ID_CONFLICT
    }

    /**
     * A user's cursor has moved. For every connection of that user in the room on this edge.
     *
     * @param by the connection that acknowledged; it needs no notice
     */
    record Cursor(RoomId room, UserId user, long epoch, long seq, ConnectionId by) implements Delivery {}

    /**
     * The answer to an acknowledgement: the position of the user's cursor, whether it moved or not.
     *
     * @param request number of the {@link Command.Acknowledge}
     * @param epoch   the room's current epoch; 0 if the shard does not know the room
     * @param seq     the seq up to which the user has acknowledged; 0 if nothing
     */
    record Acknowledged(RoomId room, ConnectionId connection, long request, long epoch, long seq)
            implements
                Delivery {}

    /**
     * Asks the edge to send a message again to the connections of a user who has not acknowledged it. A router emits it
     * on a schedule, outside the log order. So the edge does not drop it for its
     * {@link io.rejoin.contracts.Source source}. A repetition is harmless.
     */
    record Redeliver(RoomId room, long epoch, long seq, UserId user) implements Delivery {}

    /**
     * A user has acknowledged a post. For the connection that posted it, even if its edge has begun a later incarnation
     * since.
     */
    record Confirmed(RoomId room, ConnectionId connection, long seq, @Nullable String id, UserId user)
            implements
                Delivery {}

    /** These users have not acknowledged a post in time. For the connection that posted it, as {@link Confirmed}. */
    record Expired(RoomId room, ConnectionId connection, long seq, @Nullable String id, List<UserId> users)
            implements
                Delivery {
        public Expired {
            users = List.copyOf(users);
        }
    }

    /** A user joined or left. For every member of the room on this edge. */
    record Presence(RoomId room, Action action, UserId user, int count, long version) implements Delivery {}

    /** The members of a room, with the same fields as {@link Joined}. */
    record MemberList(RoomId room, ConnectionId connection, long request, List<UserId> members, int count, long version)
            implements
                Delivery {
        public MemberList {
            members = List.copyOf(members);
        }
    }

    /** A shard has given the edge up. The edge begins a new incarnation and joins all its members again. */
    record GivenUp(long incarnation) implements Delivery {}

    /** Whether a user joined or left. */
    enum Action {
        JOIN, LEAVE
    }
}
