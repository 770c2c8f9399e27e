package io.rejoin.contracts.log;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
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
     * @param epoch the room's life; a new one begins only if the state of the routers was lost
     * @param seq   dense within the epoch, from 1
     * @param id    the client's own id, if it gave one
     */
    record MessagePosted(RoomId room, long epoch, long seq, UserId user, @Nullable String id,
            @JsonUnwrapped Content content, long ts) implements Event {}

    /**
     * A user came into a room with the first of its connections.
     *
     * @param count   users in the room from now on
     * @param version of the room's presence, dense within the epoch, from 1
     */
    record MemberJoined(RoomId room, long epoch, UserId user, int count, long version, long ts) implements Event {}

    /** The last connection of a user has left a room. Count and version as in {@link MemberJoined}. */
    record MemberLeft(RoomId room, long epoch, UserId user, int count, long version, long ts) implements Event {}
}
