package io.rejoin.contracts.client;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frame that a client may receive. Times are milliseconds since the Unix epoch. Users and rooms are names without the
 * tenant.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({@JsonSubTypes.Type(value = ServerFrame.Welcome.class, name = "welcome"),
        @JsonSubTypes.Type(value = ServerFrame.JoinAck.class, name = "join_ack"),
        @JsonSubTypes.Type(value = ServerFrame.Resync.class, name = "resync"),
        @JsonSubTypes.Type(value = ServerFrame.LeaveAck.class, name = "leave_ack"),
        @JsonSubTypes.Type(value = ServerFrame.Message.class, name = "message"),
        @JsonSubTypes.Type(value = ServerFrame.Ack.class, name = "ack"),
        @JsonSubTypes.Type(value = ServerFrame.Cursor.class, name = "cursor"),
        @JsonSubTypes.Type(value = ServerFrame.Confirmed.class, name = "confirmed"),
        @JsonSubTypes.Type(value = ServerFrame.Expired.class, name = "expired"),
        @JsonSubTypes.Type(value = ServerFrame.Presence.class, name = "presence"),
        @JsonSubTypes.Type(value = ServerFrame.PresenceDiff.class, name = "presence_diff"),
        @JsonSubTypes.Type(value = ServerFrame.PresenceState.class, name = "presence_state"),
        @JsonSubTypes.Type(value = ServerFrame.Refreshed.class, name = "refreshed"),
        @JsonSubTypes.Type(value = ServerFrame.Pong.class, name = "pong"),
        @JsonSubTypes.Type(value = ServerFrame.Failure.class, name = "error"),
        @JsonSubTypes.Type(value = ServerFrame.Reconnect.class, name = "reconnect")})
public sealed interface ServerFrame {
    /**
     * The first frame of a connection.
     *
     * @param expires time at which the connection ends unless its token is refreshed; absent if it never ends
     */
    record Welcome(String connection, String user, @JsonProperty("heartbeat_ms") long heartbeatMs, Limits limits,
            @Nullable Long expires) implements ServerFrame {}

    /** The limits of this server. */
    record Limits(@JsonProperty("message_bytes") int messageBytes, int rooms) {}

    /**
     * The connection is now a member of the room.
     *
     * @param seq     the room's last seq at the join
     * @param cursor  the seq up to which the user has acknowledged on any device; absent if nothing
     * @param members names of users, sorted; the length of the list is limited
     * @param count   number of all users
     */
    record JoinAck(String room, String user, @Nullable FrameId id, long seq, long epoch, @Nullable Long cursor,
            List<String> members, int count) implements ServerFrame {
        public JoinAck {
            members = List.copyOf(members);
        }
    }

    /**
     * The end of the missed messages; live messages follow.
     *
     * @param from the first seq that was sent; {@code to + 1} if none was
     * @param to   the last seq that was sent
     */
    record Resync(String room, long from, long to, Outcome outcome) implements ServerFrame {}

    /** Which of the missed messages could be sent. */
    enum Outcome {
        /** All missed messages were sent. */
        @JsonProperty("full")
        FULL,
        /** The messages from {@code from} on were sent. Older ones are not stored any more. */
        @JsonProperty("partial")
        PARTIAL,
        /**
         * No missed message was sent: the client's position is not valid in the room's epoch. The room begins for the
         * client after {@code to}.
         */
        @JsonProperty("unrecoverable")
        UNRECOVERABLE
    }

    /** The connection is not a member any more. */
    record LeaveAck(String room, @Nullable FrameId id) implements ServerFrame {}

    /**
     * A message, in the room's order.
     *
     * @param redelivered true if the message is sent again, out of order, because it was not acknowledged. A client
     *                    that has this seq already must only acknowledge it
     * @param erased      true if the poster was erased, or the user who received it as a direct message. Then the text
     *                    is empty and the user is a placeholder
     */
    record Message(String room, long seq, long epoch, @Nullable FrameId id, String user, @JsonUnwrapped Content content,
            long ts, @Nullable Boolean redelivered, @Nullable Boolean erased) implements ServerFrame {
        /** Creates a message that was not erased. */
        public Message(String room, long seq, long epoch, @Nullable FrameId id, String user, Content content, long ts,
                @Nullable Boolean redelivered) {
            this(room, seq, epoch, id, user, content, ts, redelivered, null);
        }
    }

    /**
     * The post with this id is stored and has its place in the room's order. If {@code duplicate} is true, an earlier
     * copy of the post was accepted.
     */
    record Ack(FrameId id, String room, long seq, long ts, @Nullable Boolean duplicate) implements ServerFrame {}

    /**
     * The user's cursor: another device has acknowledged up to this seq, or this frame answers an {@code ack}.
     *
     * @param id of the {@code ack} that this frame answers. That {@code ack} moved nothing if its epoch was another
     *           one. It never moves the cursor beyond the room's last message
     */
    record Cursor(String room, long seq, long epoch, @Nullable FrameId id) implements ServerFrame {}

    /** A user has acknowledged a message that this connection posted with {@code confirm}. */
    record Confirmed(String room, long seq, @Nullable FrameId id, String user) implements ServerFrame {}

    /**
     * These users have not acknowledged a message that this connection posted with {@code confirm}. Its time has
     * passed, or too many messages wait for confirmation.
     */
    record Expired(String room, long seq, @Nullable FrameId id, List<String> users) implements ServerFrame {
        public Expired {
            users = List.copyOf(users);
        }
    }

    /** A user joined or left. */
    record Presence(String room, Action action, String user, int count, long version) implements ServerFrame {}

    /** Whether a user joined or left. */
    enum Action {
        @JsonProperty("join")
        JOIN, @JsonProperty("leave")
        LEAVE
    }

    /**
     * Several presence changes in one frame, for clients that ask for it. It has the difference between the users
     * before the first change and after the last one.
     *
     * @param joined names of users who are new, in the order of their joins; absent, as {@code left} is, if too many
     *               users changed
     * @param left   names of users who are not in the room any more
     * @param from   version of the first change; {@code version} is that of the last one
     */
    record PresenceDiff(String room, @Nullable List<String> joined, @Nullable List<String> left, int count, long from,
            long version) implements ServerFrame {
        public PresenceDiff {
            joined = joined == null ? null : List.copyOf(joined);
            left = left == null ? null : List.copyOf(left);
        }
    }

    /** The members of a room. */
    record PresenceState(String room, @Nullable FrameId id, List<String> members, int count, long version)
            implements
                ServerFrame {
        public PresenceState {
            members = List.copyOf(members);
        }
    }

    /**
     * The connection continues with the new token.
     *
     * @param expires time at which the connection ends unless it is refreshed again; absent if it never ends
     */
    record Refreshed(@Nullable FrameId id, @Nullable Long expires) implements ServerFrame {}

    /** The answer to a ping; {@code ts} is that of the ping, or else the server's time. */
    record Pong(@Nullable FrameId id, JsonText ts) implements ServerFrame {}

    /** A frame was refused or failed. Its event on the wire is {@code error}. */
    record Failure(@Nullable FrameId id, @Nullable String room, ErrorCode code, String message,
            @Nullable @JsonProperty("retry_after_ms") Long retryAfterMs) implements ServerFrame {}

    /** The server will close soon; the client should reconnect after this time. */
    record Reconnect(@JsonProperty("after_ms") long afterMs) implements ServerFrame {}
}
