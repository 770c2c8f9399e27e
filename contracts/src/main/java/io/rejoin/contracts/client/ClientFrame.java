package io.rejoin.contracts.client;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import org.jspecify.annotations.Nullable;

/** What a client may send. Rooms are names as the client knows them, without tenant. */
public sealed interface ClientFrame {
    /** The client's own id of this frame, given back in the answer or the error. */
    @Nullable
    FrameId id();

    /**
     * Becomes a member.
     *
     * @param after what to be caught up with first; without it the room begins now
     * @param epoch the epoch that {@code after} counts in, if the client knows it
     */
    record Join(String room, @Nullable FrameId id, @Nullable After after,
            @Nullable Long epoch) implements ClientFrame {}

    /** Is a member no longer. */
    record Leave(String room, @Nullable FrameId id) implements ClientFrame {}

    /**
     * Posts.
     *
     * @param room    the only one joined, if absent
     * @param to      a user: the message is direct, and no room is named
     * @param id      makes a repetition harmless, and the answer an {@code ack}
     * @param confirm delivered again until those who are meant acknowledge it; always so for direct messages
     */
    record Message(@Nullable String room, @Nullable String to, @Nullable FrameId id, Content content, boolean confirm)
            implements
                ClientFrame {}

    /**
     * Has processed everything up to that seq.
     *
     * @param room  the only one joined, if absent
     * @param epoch the epoch that {@code seq} counts in, if the client knows it
     */
    record Ack(@Nullable String room, @Nullable FrameId id, long seq, @Nullable Long epoch) implements ClientFrame {}

    /** Asks who is in a room. */
    record Presence(@Nullable String room, @Nullable FrameId id) implements ClientFrame {}

    /** Goes on under a new token of the same user. */
    record Refresh(String token, @Nullable FrameId id) implements ClientFrame {}

    /**
     * Asks for a sign of life.
     *
     * @param ts a number, string, true or false, given back as it is
     */
    record Ping(@Nullable FrameId id, @Nullable JsonText ts) implements ClientFrame {}
}
