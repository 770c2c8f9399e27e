package io.rejoin.contracts.client;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import org.jspecify.annotations.Nullable;

/** A frame that a client may send. Rooms are names without the tenant. */
public sealed interface ClientFrame {
    /** The client's own id of this frame; the answer or error repeats it. */
    @Nullable
    FrameId id();

    /**
     * Makes the connection a member of a room.
     *
     * @param after position after which the client asks for missed messages; null if it asks for none
     * @param epoch the epoch of the seq in {@code after}; null if the client does not know it
     */
    record Join(String room, @Nullable FrameId id, @Nullable After after,
            @Nullable Long epoch) implements ClientFrame {}

    /** Ends the connection's membership in a room. */
    record Leave(String room, @Nullable FrameId id) implements ClientFrame {}

    /**
     * Posts a message.
     *
     * @param room    null for the only room that the connection has joined, or for a direct message
     * @param to      the user who receives a direct message; a frame has {@code room} or {@code to}, not both
     * @param id      makes a repetition harmless, and asks for an {@code ack} as the answer
     * @param confirm whether the message is delivered again until its recipients acknowledge it; a direct message
     *                always is
     */
    record Message(@Nullable String room, @Nullable String to, @Nullable FrameId id, Content content, boolean confirm)
            implements
                ClientFrame {}

    /**
     * Acknowledges that the user has processed everything up to this seq.
     *
     * @param room  null for the only room that the connection has joined
     * @param epoch the epoch of {@code seq}; null if the client does not know it
     */
    record Ack(@Nullable String room, @Nullable FrameId id, long seq, @Nullable Long epoch) implements ClientFrame {}

    /** Asks for the members of a room; without a room, of the only room that the connection has joined. */
    record Presence(@Nullable String room, @Nullable FrameId id) implements ClientFrame {}

    /** Continues the connection with a new token of the same user. */
    record Refresh(String token, @Nullable FrameId id) implements ClientFrame {}

    /**
     * Asks for a {@code pong}, to see whether the connection works.
     *
     * @param ts a number, string, true or false; the answer repeats it
     */
    record Ping(@Nullable FrameId id, @Nullable JsonText ts) implements ClientFrame {}
}
