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
 * A piece of a shard's state as a checkpoint keeps it: the present value of one key, or that there is none any more. What a
 * shard is made of is the latest entry of every key.
 */
public sealed interface StateEntry {
    /** How far a room has come; null when it is no more. */
    record OfRoom(RoomId room, @Nullable Progress progress) implements StateEntry {}

    /**
     * How far a room's order and its presence have come.
     *
     * @param used the log time of its last message, coming or going; 0 if that was before the rules asked for it
     */
    record Progress(long epoch, long seq, long version, long used) {}

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
     * @param seq    what it was given; 0 if it was refused
     * @param digest of its content; {@link ContentDigest#NONE} if it is not known. A plain number: a shard holds many of them
     */
    record Post(RoomId room, UserId user, String id, long seq, long ts, long digest) {
        /** Whether a post under the same id says something else, as far as both are known. */
        boolean conflictsWith(Command.Post other) {
            return digest != ContentDigest.NONE && other.digest() != null && other.digest() != digest;
        }

        boolean isRefused() {
            return seq == 0;
        }
    }

    /** Up to where a user has acknowledged a room; 0 when the room is no more. */
    record OfCursor(RoomId room, UserId user, long seq) implements StateEntry {}

    /** A message that has to be confirmed; null when it has been, or has expired. */
    record OfPending(RoomId room, long seq, @Nullable Pending pending) implements StateEntry {}

    /** An edge that was given up, up to that incarnation; 0 when that is forgotten. */
    record OfLostEdge(String edge, long incarnation, long ts) implements StateEntry {}

    /** How far an edge was sent what is for it; null when it was given up. */
    record OfChain(String edge, @Nullable Chain chain) implements StateEntry {}

    /**
     * The last delivery to the present incarnation of an edge.
     *
     * @param edge of the latest incarnation that was sent anything
     */
    record Chain(EdgeRef edge, Source last) {}

    /**
     * What is true of all rooms of the shard.
     *
     * @param rules       the highest version that its log has shown
     * @param lastEpoch   no epoch up to this one is begun again
     * @param lastVersion the presence of a room that begins goes on after this version
     * @param emptySince  epochs after this one that are over held no message
     */
    record OfShard(int rules, long lastEpoch, long lastVersion, long emptySince) implements StateEntry {}
}
