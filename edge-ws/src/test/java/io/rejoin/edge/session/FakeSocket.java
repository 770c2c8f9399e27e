package io.rejoin.edge.session;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.edge.room.FrameJson;
import io.rejoin.edge.websocket.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fake sending side of a connection. It records what is sent. */
final class FakeSocket implements WebSocket {
    private final List<JsonNode> sent = new ArrayList<>();
    private @Nullable Integer closed;
    private int pings;
    private long lastReceivedAt = System.nanoTime();

    synchronized List<JsonNode> sent() {
        return List.copyOf(sent);
    }

    List<JsonNode> of(String event) {
        return sent().stream().filter(frame -> frame.get("event").textValue().equals(event)).toList();
    }

    /** The code of the last error that was sent. */
    @Nullable
    String error() {
        var errors = of("error");
        return errors.isEmpty() ? null : errors.getLast().get("code").textValue();
    }

    synchronized @Nullable Integer closed() {
        return closed;
    }

    synchronized int pings() {
        return pings;
    }

    synchronized void setSilence(Duration silence) {
        lastReceivedAt = System.nanoTime() - silence.toNanos();
    }

    @Override
    public synchronized boolean offerMessage(byte[] frame) {
        return offerReply(frame);
    }

    @Override
    public synchronized boolean offerReply(byte[] frame) {
        if (closed != null) return false;
        sent.add(FrameJson.of(frame));
        return true;
    }

    @Override
    public boolean awaitSpace(int length, Duration atMost) {
        return isOpen();
    }

    @Override
    public synchronized void ping() {
        pings++;
    }

    @Override
    public synchronized long lastReceivedAt() {
        return lastReceivedAt;
    }

    @Override
    public synchronized void close(int code, String reason) {
        if (closed == null) closed = code;
    }

    @Override
    public synchronized boolean isOpen() {
        return closed == null;
    }

    @Override
    public void whenSent(Runnable sent) {
        sent.run();
    }
}
