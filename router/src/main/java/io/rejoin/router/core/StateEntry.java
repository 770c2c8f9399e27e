package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a shard's state in a checkpoint: the current value of one key, or its deletion. The latest entry of
 * every key makes up the shard.
 */
public sealed interface StateEntry {
    /** A room's own numbers; null when the room is removed. */
    record OfRoom(RoomId room, @Nullable Progress progress) implements StateEntry {}

    /**
     * A room's epoch, its last seq and its last presence version.
     *
     * @param used log time of the last message, join or leave; 0 if that was under version 1 of the rules
     */
    record Progress(long epoch, long seq, long version, long used) {}

    /** A connection in a room; null when it has left. */
    record OfMember(RoomId room, ConnectionId connection, @Nullable Member member) implements StateEntry {}

    /** A chunk of the duplicate window; empty when the chunk is forgotten. */
    record OfPosts(long chunk, List<Post> posts) implements StateEntry {
        public OfPosts {
            posts = List.copyOf(posts);
        }
    }

    /**
     * A post that was accepted or refused.
     *
     * @param seq    of the message; 0 if the post was refused
     * @param digest of the content; {@link ContentDigest#NONE} if not known. A primitive, because a shard holds many
     *               posts
     */
    record Post(RoomId room, UserId user, String id, long seq, long ts, long digest) {
        /** Whether another post under the same id has other content; false if a digest is not known. */
        boolean conflictsWith(Command.Post other) {
            return digest != ContentDigest.NONE && other.digest() != null && other.digest() != digest;
        }

        boolean isRefused() {
            return seq == 0;
        }
    }

    /** A user's cursor: the seq up to which the user has acknowledged a room; 0 when the room is removed. */
    record OfCursor(RoomId room, UserId user, long seq) implements StateEntry {}

    /** A message that recipients must confirm; null when it is confirmed or has expired. */
    record OfPending(RoomId room, long seq, @Nullable Pending pending) implements StateEntry {}

    /** An edge that was given up, up to and including this incarnation; 0 when the entry is forgotten. */
    record OfLostEdge(String edge, long incarnation, long ts) implements StateEntry {}

    /** The chain of an edge; null when the edge was given up. */
    record OfChain(String edge, @Nullable LastDelivery chain) implements StateEntry {}

    /**
     * The last delivery to the current incarnation of an edge.
     *
     * @param edge with the latest incarnation that was sent a delivery
     */
    record LastDelivery(EdgeRef edge, Source last) {}

    /**
     * The values that apply to all rooms of the shard.
     *
     * @param rules       highest record version in the shard's log so far
     * @param lastEpoch   no room may begin with this epoch or an earlier one
     * @param lastVersion the presence of a new room counts on after this version
     * @param emptySince  a finished epoch later than this one held no message
     */
    record OfShard(int rules, long lastEpoch, long lastVersion, long emptySince) implements StateEntry {}
}
