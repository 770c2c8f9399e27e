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
 * A fact in the topic {@code rejoin.events}: a CloudEvent in Kafka's binary mode, whose data is this record as JSON.
 * After a router's takeover an event may be repeated with the same {@code ce_id}; readers must keep only the first
 * copy. A change may only add fields or types. The schemas are the resources {@code schemas/*.json} of this module.
 */
public sealed interface Event {
    RoomId room();

    /** Log time, in milliseconds since the epoch. */
    long ts();

    /**
     * A message was accepted, and has its place in the room's order.
     *
     * @param epoch the room's epoch. A new epoch begins after an unused room was removed, or after the routers lost
     *              their state. An empty room is removed at once if it never held a message, otherwise after a long
     *              time
     * @param seq   consecutive within the epoch, from 1
     * @param id    the client's own id of the message; null if it gave none
     */
    record MessagePosted(RoomId room, long epoch, long seq, UserId user, @Nullable String id,
            @JsonIgnore Content content, long ts) implements Event {
        /**
         * Reads an event from JSON. Does not use Jackson's unwrapping: it buffers numbers as Java numbers, and so loses
         * their written form.
         */
        @JsonCreator
        static MessagePosted of(@JsonProperty("room") RoomId room, @JsonProperty("epoch") long epoch,
                @JsonProperty("seq") long seq, @JsonProperty("user") UserId user,
                @JsonProperty("id") @Nullable String id, @JsonProperty("text") @Nullable String text,
                @JsonProperty("data") @Nullable JsonText data, @JsonProperty("ts") long ts) {
            return new MessagePosted(room, epoch, seq, user, id, Content.of(text, data), ts);
        }
    }

    /**
     * A user has joined a room with its first connection.
     *
     * @param count   number of users in the room, with this one
     * @param version of the room's presence; consecutive within the epoch, and higher than in earlier epochs
     */
    record MemberJoined(RoomId room, long epoch, UserId user, int count, long version, long ts) implements Event {}

    /**
     * A user has left a room with its last connection. Count and version are as in {@link MemberJoined}. If an edge is
     * lost, its users leave together: the count in each of their events excludes all of them.
     */
    record MemberLeft(RoomId room, long epoch, UserId user, int count, long version, long ts) implements Event {}

    /**
     * A user has processed everything up to {@code seq}, on one of its devices. The seq never decreases within an
     * epoch.
     */
    record CursorMoved(RoomId room, long epoch, UserId user, long seq, long ts) implements Event {}

    /**
     * Some recipients did not confirm a message, and the wait for them has ended. It ends when its time has passed, or
     * when too many newer messages of the room or shard wait for confirmation. The message stays in the room.
     *
     * @param seq        of the message
     * @param user       the poster
     * @param id         the poster's own id of the message; null if it gave none
     * @param recipients users who did not acknowledge it; sorted
     */
    record ConfirmationExpired(RoomId room, long epoch, long seq, UserId user, @Nullable String id,
            List<UserId> recipients, long ts) implements Event {
        public ConfirmationExpired {
            recipients = List.copyOf(recipients);
        }
    }
}
