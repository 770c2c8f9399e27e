package io.rejoin.edge.websocket;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A listener that records its calls, in order. */
final class Recorder implements WebSocketListener {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile boolean mayReturn;
    private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();

    @Override
    public void onOpen(WebSocket opened) {
        calls.add("open");
        socket.complete(opened);
    }

    @Override
    public void onText(String text) {
        calls.add("text " + text);
        if (text.equals("fail")) throw new IllegalStateException("as asked");
    }

    @Override
    public void onBinary(byte[] bytes) {
        calls.add("binary " + bytes.length);
    }

    @Override
    public void onClosed(boolean mayReturn) {
        this.mayReturn = mayReturn;
        calls.add("closed");
    }

    /** Waits until the connection is open, and returns it. */
    WebSocket socket() {
        return socket.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Waits for the end of the connection. Returns whether the client may soon come back. */
    boolean mayReturnAtEnd() {
        callsAtEnd();
        return mayReturn;
    }

    /** Waits for the end of the connection, then returns all calls. */
    List<String> callsAtEnd() {
        await().atMost(PATIENCE).until(() -> calls.contains("closed"));
        return List.copyOf(calls);
    }
}
