package io.rejoin.simulation;

import io.rejoin.edge.websocket.WebSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A model of the sending side of a connection: a bounded outbox. The client reads from it in its own steps. */
final class SimulatedSocket implements WebSocket {
    private static final int RESERVE = 200;

    private final Deque<byte[]> outbox = new ArrayDeque<>();
    private final int capacity;
    private boolean closed;

    /** @param capacity in frames */
    SimulatedSocket(int capacity) {
        this.capacity = capacity;
    }

    /** The next frame for the client. */
    byte @Nullable [] read() {
        return outbox.pollFirst();
    }

    boolean hasFrames() {
        return !outbox.isEmpty();
    }

    /** The client has lost the connection. Frames in the outbox are lost. */
    void lost() {
        closed = true;
        outbox.clear();
    }

    @Override
    public boolean offerMessage(byte[] frame) {
        return offer(frame, capacity);
    }

    @Override
    public boolean offerReply(byte[] frame) {
        return offer(frame, capacity + RESERVE);
    }

    @Override
    public boolean awaitSpace(int length, Duration atMost) {
        return !closed && outbox.size() <= capacity / 2;
    }

    @Override
    public void whenSent(Runnable sent) {
        sent.run(); // nothing is traced here
    }

    @Override
    public void ping() {
        // the simulation closes no silent connection
    }

    @Override
    public long lastReceivedAt() {
        return 0;
    }

    @Override
    public void close(int code, String reason) {
        closed = true;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    private boolean offer(byte[] frame, int most) {
        if (closed || outbox.size() >= most) return false;
        outbox.addLast(frame);
        return true;
    }
}
