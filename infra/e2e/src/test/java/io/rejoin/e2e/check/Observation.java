package io.rejoin.e2e.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.rejoin.contracts.client.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that one client saw or did: a line of a history. {@code op} says which, {@code t client user conn} when and who;
 * a message's author and the user whose presence changed are {@code author} and {@code who}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "op")
@JsonSubTypes({@JsonSubTypes.Type(value = Observation.Invoke.class, name = "invoke"),
        @JsonSubTypes.Type(value = Observation.Ok.class, name = "ok"),
        @JsonSubTypes.Type(value = Observation.Fail.class, name = "fail"),
        @JsonSubTypes.Type(value = Observation.Unknown.class, name = "unknown"),
        @JsonSubTypes.Type(value = Observation.Failure.class, name = "error"),
        @JsonSubTypes.Type(value = Observation.Connect.class, name = "connect"),
        @JsonSubTypes.Type(value = Observation.Disconnect.class, name = "disconnect"),
        @JsonSubTypes.Type(value = Observation.Join.class, name = "join"),
        @JsonSubTypes.Type(value = Observation.Joined.class, name = "joined"),
        @JsonSubTypes.Type(value = Observation.Resync.class, name = "resync"),
        @JsonSubTypes.Type(value = Observation.Deliver.class, name = "deliver"),
        @JsonSubTypes.Type(value = Observation.Presence.class, name = "presence"),
        @JsonSubTypes.Type(value = Observation.PresenceDiff.class, name = "presence_diff"),
        @JsonSubTypes.Type(value = Observation.PresenceState.class, name = "presence_state"),
        @JsonSubTypes.Type(value = Observation.Cursor.class, name = "cursor"),
        @JsonSubTypes.Type(value = Observation.Confirmed.class, name = "confirmed"),
        @JsonSubTypes.Type(value = Observation.Expired.class, name = "expired"),
        @JsonSubTypes.Type(value = Observation.Fault.class, name = "fault"),
        @JsonSubTypes.Type(value = Observation.FinalRead.class, name = "final_read"),
        @JsonSubTypes.Type(value = Observation.FinalPresence.class, name = "final_presence")})
public sealed interface Observation {
    At at();

    /**
     * When and who.
     *
     * @param t      nanoseconds since the run began, monotonic, comparable over all histories of a run
     * @param client a device, unique in the run; of one user
     * @param conn   which of the client's connections, counted from 1; 0 outside of any
     */
    record At(long t, String client, String user, int conn) {}

    /** A post begins. However often it is sent again under its id, it begins once. */
    record Invoke(@JsonUnwrapped At at, String room, String id, String text) implements Observation {}

    /** The post was acknowledged; {@code epoch} is the one the client was joined in. */
    record Ok(@JsonUnwrapped At at, String room, String id, long seq, long epoch, @Nullable Boolean duplicate)
            implements
                Observation {}

    /** The post was given up, and surely nothing was done. */
    record Fail(@JsonUnwrapped At at, String room, String id, String code) implements Observation {}

    /** Nobody can say whether the post was done: a time-out, a lost connection, the end of the run. An ok may yet come. */
    record Unknown(@JsonUnwrapped At at, String room, String id, String why) implements Observation {}

    /** An error frame, whatever became of it. */
    record Failure(@JsonUnwrapped At at, @Nullable String room, @Nullable String id, String code)
            implements
                Observation {}

    /** A connection was opened, through that edge. */
    record Connect(@JsonUnwrapped At at, String edge) implements Observation {}

    /** A connection ended; with {@link End#DONE} the client, connected or not. */
    record Disconnect(@JsonUnwrapped At at, @Nullable Integer code, End why) implements Observation {}

    /** Why a connection ended. */
    enum End {
        /** The other side or the network ended it. */
        @JsonProperty("lost")
        LOST,
        /** The client ended it, in the middle of whatever there was. */
        @JsonProperty("left")
        LEFT,
        /** The run is over, and the client was given the time to receive everything: it must have. */
        @JsonProperty("done")
        DONE
    }

    /** A join was sent, for what comes after that seq. */
    record Join(@JsonUnwrapped At at, String room, @Nullable Long after, @Nullable Long epoch) implements Observation {}

    /**
     * A join was answered.
     *
     * @param version of the presence, when the answer tells
     * @param cursor  where the room begins for a client that joined after its cursor
     */
    record Joined(@JsonUnwrapped At at, String room, long seq, long epoch, List<String> members, int count,
            @Nullable Long version, @Nullable Long cursor) implements Observation {
        public Joined {
            members = List.copyOf(members);
        }
    }

    /** The end of what was missed. */
    record Resync(@JsonUnwrapped At at, String room, long from, long to, ServerFrame.Outcome outcome)
            implements
                Observation {}

    /** A message came; recorded before the client drops what it has already. */
    record Deliver(@JsonUnwrapped At at, String room, long seq, long epoch, @Nullable String id, String author,
            String text, long ts, @Nullable Boolean redelivered) implements Observation {
        public boolean isRedelivered() {
            return Boolean.TRUE.equals(redelivered);
        }
    }

    /** A user came or went. */
    record Presence(@JsonUnwrapped At at, String room, String who, ServerFrame.Action action, int count, long version)
            implements
                Observation {}

    /** Users came and went; null where there were too many for names. */
    record PresenceDiff(@JsonUnwrapped At at, String room, @Nullable List<String> joined, @Nullable List<String> left,
            int count, long version) implements Observation {
        public PresenceDiff {
            joined = joined == null ? null : List.copyOf(joined);
            left = left == null ? null : List.copyOf(left);
        }
    }

    /** Who is in the room, as a question was answered. */
    record PresenceState(@JsonUnwrapped At at, String room, List<String> members, int count, long version)
            implements
                Observation {
        public PresenceState {
            members = List.copyOf(members);
        }
    }

    /** The user's cursor was moved, by another of its devices. */
    record Cursor(@JsonUnwrapped At at, String room, long seq) implements Observation {}

    /** A message that asked for it was confirmed. */
    record Confirmed(@JsonUnwrapped At at, String room, long seq) implements Observation {}

    /** A message that asked to be confirmed was not, in time. */
    record Expired(@JsonUnwrapped At at, String room, long seq) implements Observation {}

    /** A fault begins or ends, as whoever makes it says. */
    record Fault(@JsonUnwrapped At at, String kind, String target, Phase phase) implements Observation {}

    /** Which end of a fault. */
    enum Phase {
        @JsonProperty("begin")
        BEGIN, @JsonProperty("end")
        END
    }

    /** A message as it is read after everything healed. */
    record FinalRead(@JsonUnwrapped At at, Source source, String room, long seq, long epoch, @Nullable String id,
            String author, String text) implements Observation {}

    /** Where a final read was made. */
    enum Source {
        /** A client that joins for the first time, after seq 0. */
        @JsonProperty("client")
        CLIENT,
        /** The history service's API. */
        @JsonProperty("history")
        HISTORY,
        /** {@code rejoin.events}, of repeated events the first. */
        @JsonProperty("topic")
        TOPIC
    }

    /** Who is in the room after everything healed, as a client learns that asks; it is in the room itself. */
    record FinalPresence(@JsonUnwrapped At at, String room, List<String> members, int count) implements Observation {
        public FinalPresence {
            members = List.copyOf(members);
        }
    }
}
