package io.rejoin.contracts.log;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fact in {@code rejoin.events}: a CloudEvent in Kafka's binary mode, whose data is this record as JSON. It may be
 * repeated after a router's takeover, with the same {@code ce_id}: readers keep the first. Changes are additive only; the
 * schemas are the resources {@code schemas/*.json} of this module.
 */
public sealed interface Event {
    RoomId room();

    /** Log time, in milliseconds since the epoch. */
    long ts();

    /**
     * A message has its place in the room's one order.
     *
     * @param epoch the room's life; a later one begins if nobody was in the room and it never held a message, nobody used it for
     *              long, or the state of the routers was lost
     * @param seq   dense within the epoch, from 1
     * @param id    the client's own id, if it gave one
     */
    record MessagePosted(RoomId room, long epoch, long seq, UserId user, @Nullable String id,
            @JsonIgnore Content content, long ts) implements Event {
        /** Reads one: not by unwrapping, which buffers numbers as Java's and loses how they were written. */
        @JsonCreator
        static MessagePosted of(@JsonProperty("room") RoomId room, @JsonProperty("epoch") long epoch,
                @JsonProperty("seq") long seq, @JsonProperty("user") UserId user,
                @JsonProperty("id") @Nullable String id, @JsonProperty("text") @Nullable String text,
                @JsonProperty("data") @Nullable JsonText data, @JsonProperty("ts") long ts) {
            return new MessagePosted(room, epoch, seq, user, id, Content.of(text, data), ts);
        }
    }

    /**
     * A user came into a room with the first of its connections.
     *
     * @param count   users in the room from now on
     * @param version of the room's presence, dense within the epoch, and higher than in the epochs before
     */
    record MemberJoined(RoomId room, long epoch, UserId user, int count, long version, long ts) implements Event {}

    /**
     * The last connection of a user has left a room. Count and version as in {@link MemberJoined}; when an edge is lost, its
     * users leave at once, and each of their events has the count after all of them.
     */
    record MemberLeft(RoomId room, long epoch, UserId user, int count, long version, long ts) implements Event {}

    /** A user has processed everything up to {@code seq}, on one of its devices. It never goes back within an epoch. */
    record CursorMoved(RoomId room, long epoch, UserId user, long seq, long ts) implements Event {}

    /**
     * A message that had to be confirmed was not, in time, by some of those it was meant for. It stays in the room.
     *
     * @param seq        of the message
     * @param user       who posted it
     * @param id         the poster's own id of it, if it gave one
     * @param recipients who did not acknowledge it; sorted
     */
    record ConfirmationExpired(RoomId room, long epoch, long seq, UserId user, @Nullable String id,
            List<UserId> recipients, long ts) implements Event {
        public ConfirmationExpired {
            recipients = List.copyOf(recipients);
        }
    }
}
