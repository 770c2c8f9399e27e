package io.rejoin.edge.room;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection as the fan-out sees it. Any thread may call every method. Only {@link #awaitSpace} blocks. */
public interface Receiver {
    /**
     * Queues an encoded frame that can be sent again later, for instance from history.
     *
     * @return false if the frame was not queued, because the client is too slow
     */
    boolean offer(byte[] frame);

    /** Like {@link #offer}, for a frame that no other connection shares: its memory is counted until it is sent. */
    default boolean offerUnshared(byte[] frame) {
        return offer(frame);
    }

    /** Queues a frame that cannot be sent again. If it does not fit, the client is closed and can resume. */
    void reply(ServerFrame frame);

    /**
     * Like {@link #reply}, for the result of a post. It is dropped if all frames with that id are answered already.
     *
     * @param id the post's id; a post without an id is answered only if it was refused
     */
    void answerPost(RoomId room, @Nullable FrameId id, ServerFrame answer);

    /**
     * Waits until half of the outbox is free, and a frame of that length fits.
     *
     * @param length the length of the frame that was refused; 0 if none was
     * @return false on timeout, or if the connection has ended
     */
    boolean awaitSpace(int length, Duration timeout) throws InterruptedException;

    /**
     * Calls back once all frames queued until now are written to the socket, or will never be. The callback runs on a
     * thread of the connection, or at once on the caller's. It must not block.
     */
    void whenSent(Runnable callback);

    void close(CloseCode code, String reason);

    boolean isOpen();

    /** The connection's membership of a room, joined or joining; null if there is none. */
    @Nullable
    Membership membership(RoomId room);

    /** Requests the list of members for a connection, because some presence changes could not be queued. */
    void refreshPresence(Membership membership);

    /** Whether the client accepts one {@code presence_diff} for several changes. Otherwise it gets a frame for each. */
    boolean acceptsPresenceDiffs();

    /**
     * Answers a {@code presence} request of the connection.
     *
     * @return false if the request was answered before
     */
    boolean answerMemberList(Delivery.MemberList list);

    /**
     * Fails a {@code presence} request: its list is older than the member's, as the edge has joined again meanwhile.
     */
    void failOutdatedList(Delivery.MemberList list);

    /** Answers an {@code ack} frame that had an id. */
    void answerAck(Delivery.Acknowledged acknowledged);
}
