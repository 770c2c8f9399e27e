package io.rejoin.e2e.check;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.rejoin.contracts.client.ServerFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event that one client saw or caused: a line of a history. {@code op} is the kind; {@code t client user conn} say
 * when and who. The author of a message is {@code author}, and the user whose presence changed is {@code who}.
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
     * The time and the client of an observation.
     *
     * @param t      nanoseconds since the run began; monotonic, and comparable across all histories of a run
     * @param client a device of one user; unique in the run
     * @param conn   number of the client's connection, from 1; 0 outside of any connection
     */
    record At(long t, String client, String user, int conn) {}

    /** A post begins. There is one such line, even if the post is sent again under its id. */
    record Invoke(@JsonUnwrapped At at, String room, String id, String text) implements Observation {}

    /** The post was acknowledged; {@code epoch} is the room's epoch at the client's join. */
    record Ok(@JsonUnwrapped At at, String room, String id, long seq, long epoch, @Nullable Boolean duplicate)
            implements
                Observation {}

    /** The client gave up the post, and the message was surely not stored. */
    record Fail(@JsonUnwrapped At at, String room, String id, String code) implements Observation {}

    /**
     * It is unknown whether the message was stored: timeout, lost connection, or end of the run. An {@link Ok} may
     * follow.
     */
    record Unknown(@JsonUnwrapped At at, String room, String id, String why) implements Observation {}

    /** An error frame, whatever its consequence. */
    record Failure(@JsonUnwrapped At at, @Nullable String room, @Nullable String id, String code)
            implements
                Observation {}

    /** A connection through that edge was opened. */
    record Connect(@JsonUnwrapped At at, String edge) implements Observation {}

    /** A connection ended. With {@link End#DONE} the client itself ended, connected or not. */
    record Disconnect(@JsonUnwrapped At at, @Nullable Integer code, End why) implements Observation {}

    /** Why a connection ended. */
    enum End {
        /** The server or the network ended it. */
        @JsonProperty("lost")
        LOST,
        /** The client ended it at an arbitrary moment. */
        @JsonProperty("left")
        LEFT,
        /** The run is over. The client had the time to receive everything, so it must have done so. */
        @JsonProperty("done")
        DONE
    }

    /** A join was sent that asks for the messages after a seq. */
    record Join(@JsonUnwrapped At at, String room, @Nullable Long after, @Nullable Long epoch) implements Observation {}

    /**
     * A join was answered.
     *
     * @param version of the presence, if the answer has one
     * @param cursor  where the replay begins for a client that joined after its cursor
     */
    record Joined(@JsonUnwrapped At at, String room, long seq, long epoch, List<String> members, int count,
            @Nullable Long version, @Nullable Long cursor) implements Observation {
        public Joined {
            members = List.copyOf(members);
        }
    }

    /** The resync frame, which ends the missed messages. */
    record Resync(@JsonUnwrapped At at, String room, long from, long to, ServerFrame.Outcome outcome)
            implements
                Observation {}

    /** A message arrived; recorded before the client drops duplicates. */
    record Deliver(@JsonUnwrapped At at, String room, long seq, long epoch, @Nullable String id, String author,
            String text, long ts, @Nullable Boolean redelivered) implements Observation {
        public boolean isRedelivered() {
            return Boolean.TRUE.equals(redelivered);
        }
    }

    /** A user joined or left. */
    record Presence(@JsonUnwrapped At at, String room, String who, ServerFrame.Action action, int count, long version)
            implements
                Observation {}

    /**
     * Several users joined and left; the lists are null where the server omits the names because there are too many.
     */
    record PresenceDiff(@JsonUnwrapped At at, String room, @Nullable List<String> joined, @Nullable List<String> left,
            int count, long version) implements Observation {
        public PresenceDiff {
            joined = joined == null ? null : List.copyOf(joined);
            left = left == null ? null : List.copyOf(left);
        }
    }

    /** The members of the room, in the answer to a presence request. */
    record PresenceState(@JsonUnwrapped At at, String room, List<String> members, int count, long version)
            implements
                Observation {
        public PresenceState {
            members = List.copyOf(members);
        }
    }

    /** Another device of the user moved the user's cursor. */
    record Cursor(@JsonUnwrapped At at, String room, long seq) implements Observation {}

    /** A message that requested confirmation was confirmed. */
    record Confirmed(@JsonUnwrapped At at, String room, long seq) implements Observation {}

    /** A message that requested confirmation was not confirmed in time. */
    record Expired(@JsonUnwrapped At at, String room, long seq) implements Observation {}

    /** A fault begins or ends, as the injector of the fault reports. */
    record Fault(@JsonUnwrapped At at, String kind, String target, Phase phase) implements Observation {}

    /** Whether a fault begins or ends. */
    enum Phase {
        @JsonProperty("begin")
        BEGIN, @JsonProperty("end")
        END
    }

    /** A message that was read after all faults were healed. */
    record FinalRead(@JsonUnwrapped At at, Source source, String room, long seq, long epoch, @Nullable String id,
            String author, String text) implements Observation {}

    /** The source of a final read. */
    enum Source {
        /** A client that joins for the first time, after seq 0. */
        @JsonProperty("client")
        CLIENT,
        /** The history service's API. */
        @JsonProperty("history")
        HISTORY,
        /** {@code rejoin.events}; of repeated events the first. */
        @JsonProperty("topic")
        TOPIC
    }

    /** The members of the room after all faults were healed, in the answer to a client that is itself a member. */
    record FinalPresence(@JsonUnwrapped At at, String room, List<String> members, int count) implements Observation {
        public FinalPresence {
            members = List.copyOf(members);
        }
    }
}
