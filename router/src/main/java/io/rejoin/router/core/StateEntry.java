package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a shard's state as a checkpoint keeps it: the present value of one key, or that there is none any more. What a
 * shard is made of is the latest entry of every key.
 */
public sealed interface StateEntry {
    /** How far a room's order and its presence have come. Never removed: tens of bytes for an idle room. */
    record OfRoom(RoomId room, long epoch, long seq, long version) implements StateEntry {}

    /** A connection in a room; null when it is there no longer. */
    record OfMember(RoomId room, ConnectionId connection, @Nullable Member member) implements StateEntry {}

    /** A chunk of the duplicate window; empty when it is forgotten. */
    record OfPosts(long chunk, List<Post> posts) implements StateEntry {
        public OfPosts {
            posts = List.copyOf(posts);
        }
    }

    /**
     * A post that was decided.
     *
     * @param seq what it was given; 0 if it was refused
     */
    record Post(RoomId room, UserId user, String id, long seq, long ts) {
        static Post refused(RoomId room, UserId user, String id, long ts) {
            return new Post(room, user, id, 0, ts);
        }

        boolean isRefused() {
            return seq == 0;
        }
    }

    /** Up to where a user has acknowledged a room. */
    record OfCursor(RoomId room, UserId user, long seq) implements StateEntry {}

    /** A message that has to be confirmed; null when it has been, or has expired. */
    record OfPending(RoomId room, long seq, @Nullable Pending pending) implements StateEntry {}

    /** An edge that was given up, up to that incarnation; 0 when that is forgotten. */
    record OfLostEdge(String edge, long incarnation, long ts) implements StateEntry {}
}
