package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection as the fan-out sees it. Every method may be called from any thread; none but {@link #awaitRoom} blocks. */
public interface Receiver {
    /**
     * Queues an encoded frame that could be sent again from history.
     *
     * @return false when the client is too slow: the frame was not queued
     */
    boolean offer(byte[] frame);

    /** The same of a frame that no other connection has: its memory is counted until it is sent. */
    default boolean offerCopy(byte[] frame) {
        return offer(frame);
    }

    /** Queues a frame that cannot be had again; a client too slow even for that is closed, to resume. */
    void reply(ServerFrame frame);

    /**
     * The same of what became of a post: dropped where all frames of that id are answered already.
     *
     * @param id of the post; one without any is answered only where it was refused
     */
    void answerPost(RoomId room, @Nullable FrameId id, ServerFrame answer);

    /**
     * Waits until half of the outbox is free, and there is room for a frame of that length.
     *
     * @param length of the frame that was refused; 0 when none was
     * @return false when that takes longer, or the connection has ended
     */
    boolean awaitRoom(int length, Duration atMost) throws InterruptedException;

    /**
     * Calls back once what was queued until now is on the socket, or will not be. On a thread of the connection, or at once: it
     * must not block.
     */
    void whenSent(Runnable sent);

    void close(CloseCode code, String reason);

    boolean isOpen();

    /** Its membership, joined or joining. */
    @Nullable
    Membership membership(RoomId room);

    /** Asks for the room's members on the connection's behalf: some of their coming and going could not be queued. */
    void refreshPresence(Membership membership);

    /** Whether it takes one {@code presence_diff} for several comings and goings; else it is told of each. */
    boolean takesPresenceDiffs();

    /**
     * Answers the {@code presence} it asked for.
     *
     * @return false if it was answered before
     */
    boolean listed(Delivery.MemberList list);

    /** The answer to that {@code presence} says nothing: it was asked before this edge had joined its members again. */
    void askedTooEarly(Delivery.MemberList list);

    /** Answers the {@code ack} that had an id. */
    void acknowledged(Delivery.Acknowledged acknowledged);
}
