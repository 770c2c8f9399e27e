package io.rejoin.contracts.client;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client may receive. Times are milliseconds since the epoch; users and rooms are names, without tenant. */
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
     * @param expires when the connection ends unless its token is refreshed; absent if it never does
     */
    record Welcome(String connection, String user, @JsonProperty("heartbeat_ms") long heartbeatMs, Limits limits,
            @Nullable Long expires) implements ServerFrame {}

    /** What this server takes. */
    record Limits(@JsonProperty("message_bytes") int messageBytes, int rooms) {}

    /**
     * The connection is a member.
     *
     * @param seq     the room's last seq at the join
     * @param cursor  what the user has acknowledged, on any device; absent if nothing
     * @param members users by name, sorted; the list is bounded
     * @param count   all users
     */
    record JoinAck(String room, String user, @Nullable FrameId id, long seq, long epoch, @Nullable Long cursor,
            List<String> members, int count) implements ServerFrame {
        public JoinAck {
            members = List.copyOf(members);
        }
    }

    /**
     * The end of what was missed; live messages follow.
     *
     * @param from the first seq that was sent, {@code to + 1} if there was none
     * @param to   the last
     */
    record Resync(String room, long from, long to, Outcome outcome) implements ServerFrame {}

    /** How much of what was missed could be given. */
    enum Outcome {
        /** Everything. */
        @JsonProperty("full")
        FULL,
        /** From {@code from} on; what was before is kept no longer. */
        @JsonProperty("partial")
        PARTIAL,
        /** The client's position means nothing in this room's epoch: it begins anew after {@code to}. */
        @JsonProperty("unrecoverable")
        UNRECOVERABLE
    }

    /** The connection is a member no longer. */
    record LeaveAck(String room, @Nullable FrameId id) implements ServerFrame {}

    /**
     * A message, at its place in the room's order.
     *
     * @param redelivered true where it is said again because it was not acknowledged, out of that order: whoever has the seq
     *                    already only acknowledges
     * @param erased      true where its user was erased, or whose direct message it was: the text is empty then, and the user
     *                    nobody
     */
    record Message(String room, long seq, long epoch, @Nullable FrameId id, String user, @JsonUnwrapped Content content,
            long ts, @Nullable Boolean redelivered, @Nullable Boolean erased) implements ServerFrame {
        /** One that is as it was posted. */
        public Message(String room, long seq, long epoch, @Nullable FrameId id, String user, Content content, long ts,
                @Nullable Boolean redelivered) {
            this(room, seq, epoch, id, user, content, ts, redelivered, null);
        }
    }

    /** The post of that id is durable and ordered; {@code duplicate} if it was already. */
    record Ack(FrameId id, String room, long seq, long ts, @Nullable Boolean duplicate) implements ServerFrame {}

    /**
     * Where the user's cursor stands: another device has acknowledged everything up to that seq.
     *
     * @param id of the {@code ack} that this answers. It moved nothing where it counted in another epoch, and never beyond the
     *           room's last message
     */
    record Cursor(String room, long seq, long epoch, @Nullable FrameId id) implements ServerFrame {}

    /** A user has acknowledged what this connection posted with {@code confirm}. */
    record Confirmed(String room, long seq, @Nullable FrameId id, String user) implements ServerFrame {}

    /** What this connection posted with {@code confirm} was not acknowledged in time, or too much is waiting, by these users. */
    record Expired(String room, long seq, @Nullable FrameId id, List<String> users) implements ServerFrame {
        public Expired {
            users = List.copyOf(users);
        }
    }

    /** A user came or went. */
    record Presence(String room, Action action, String user, int count, long version) implements ServerFrame {}

    /** Which way a user went. */
    enum Action {
        @JsonProperty("join")
        JOIN, @JsonProperty("leave")
        LEAVE
    }

    /**
     * Users came and went close to each other, told together to clients that ask for it: what has become of those whom the client
     * knew before.
     *
     * @param joined by name, in the order in which they came; absent, as {@code left} is, where too many came and went to be named
     * @param from   the version of the first change in it; {@code version} is that of the last
     */
    record PresenceDiff(String room, @Nullable List<String> joined, @Nullable List<String> left, int count, long from,
            long version) implements ServerFrame {
        public PresenceDiff {
            joined = joined == null ? null : List.copyOf(joined);
            left = left == null ? null : List.copyOf(left);
        }
    }

    /** Who is in a room. */
    record PresenceState(String room, @Nullable FrameId id, List<String> members, int count, long version)
            implements
                ServerFrame {
        public PresenceState {
            members = List.copyOf(members);
        }
    }

    /**
     * The connection goes on under the new token.
     *
     * @param expires when the connection ends unless it is refreshed again; absent if it never does
     */
    record Refreshed(@Nullable FrameId id, @Nullable Long expires) implements ServerFrame {}

    /** A sign of life; {@code ts} is the ping's own, or the server's time. */
    record Pong(@Nullable FrameId id, JsonText ts) implements ServerFrame {}

    /** A frame was refused, or could not be carried out; on the wire its event is {@code error}. */
    record Failure(@Nullable FrameId id, @Nullable String room, ErrorCode code, String message,
            @Nullable @JsonProperty("retry_after_ms") Long retryAfterMs) implements ServerFrame {}

    /** The server will close soon: come back after that time. */
    record Reconnect(@JsonProperty("after_ms") long afterMs) implements ServerFrame {}
}
