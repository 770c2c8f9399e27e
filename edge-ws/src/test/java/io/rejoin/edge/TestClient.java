package io.rejoin.edge;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A client over a real WebSocket. Keeps every frame it received. */
final class TestClient implements WebSocket.Listener {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
    private final StringBuilder partial = new StringBuilder();
    private volatile @Nullable Integer closed;
    private volatile boolean lost;
    private final WebSocket socket;

    private TestClient(HttpClient http, URI uri) {
        this.socket = http.newWebSocketBuilder().buildAsync(uri, this).join();
    }

    /** Connects and waits for the welcome. */
    static TestClient connect(HttpClient http, int port, String pathAndQuery) {
        return connect(http, URI.create("ws://127.0.0.1:" + port + pathAndQuery));
    }

    /** Connects and waits for the welcome. */
    static TestClient connect(HttpClient http, URI uri) {
        var client = new TestClient(http, uri);
        client.next("welcome");
        return client;
    }

    /** Sends a frame, or does nothing when the connection is closed or closing. */
    void send(String json) {
        try {
            socket.sendText(json, true).join();
        } catch (CompletionException e) {
            if (isOpen() && !(e.getCause() instanceof IOException)) throw e;
        }
    }

    boolean isOpen() {
        return closed == null && !lost;
    }

    /** Waits for an ack or an error under that id, or for the end of the connection. */
    void nextAnswerTo(String id) {
        await().atMost(LONG).until(() -> !isOpen() || frames.stream().anyMatch(
                frame -> !frame.get("event").textValue().equals("message") && id.equals(frame.path("id").textValue())));
    }

    /** Waits for a frame of that event and returns the first one. */
    JsonNode next(String event) {
        return next(event, _ -> true);
    }

    JsonNode next(String event, Predicate<JsonNode> condition) {
        return await().atMost(LONG)
                .until(() -> of(event).stream().filter(condition).findFirst(), found -> found.isPresent())
                .orElseThrow();
    }

    List<JsonNode> of(String event) {
        return frames.stream().filter(frame -> frame.get("event").textValue().equals(event)).toList();
    }

    List<Long> seqs() {
        return of("message").stream().map(frame -> frame.get("seq").longValue()).toList();
    }

    /** Waits for the end of the connection and returns its close code. */
    int closed() {
        return await().atMost(LONG).until(() -> closed, code -> code != null);
    }

    void close() {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    /** Ends the connection without a close frame, like a network failure. */
    void abort() {
        socket.abort();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            frames.add(read(partial.toString()));
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed = code;
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable cause) {
        lost = true;
    }

    private static JsonNode read(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
