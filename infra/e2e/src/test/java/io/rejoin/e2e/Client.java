package io.rejoin.e2e;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A minimal client: sends text frames and keeps every received frame, in order. It does not reconnect, resume or
 * resend, as an SDK does.
 */
final class Client implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final WebSocket socket;
    private final Received received;

    /** Connects; throws when the server refuses the upgrade. */
    static Client connect(URI uri) {
        var received = new Received();
        var socket = HTTP.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(20)).buildAsync(uri, received)
                .orTimeout(60, TimeUnit.SECONDS).join();
        return new Client(socket, received);
    }

    private Client(WebSocket socket, Received received) {
        this.socket = socket;
        this.received = received;
    }

    void send(String json) {
        var _ = socket.sendText(json, true).orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Posts a text to a room, with an id. */
    void post(String room, String id, String text) {
        send("{\"event\":\"message\",\"room\":\"" + room + "\",\"id\":\"" + id + "\",\"text\":\"" + text + "\"}");
    }

    /** Ends the TCP connection without a close frame. */
    void drop() {
        socket.abort();
    }

    List<JsonNode> frames() {
        return List.copyOf(received.frames);
    }

    List<JsonNode> frames(String event) {
        return received.frames.stream().filter(isEvent(event)).toList();
    }

    /** The messages of a room as {@code seq:id}. */
    List<String> messages(String room) {
        return frames("message").stream().filter(frame -> frame.path("room").asText().equals(room))
                .map(frame -> frame.path("seq").asLong() + ":" + frame.path("id").asText()).toList();
    }

    /** The frames that arrived since the last call. Only for one thread. */
    List<JsonNode> take() {
        var fresh = new ArrayList<JsonNode>();
        for (var frame = received.fresh.poll(); frame != null; frame = received.fresh.poll()) fresh.add(frame);
        return fresh;
    }

    boolean isOpen() {
        return !received.ended;
    }

    /** The code of the server's close frame; null while there is none. */
    @Nullable
    Integer closeCode() {
        return received.closeCode;
    }

    /** Waits until such a frame has arrived, and returns the first one. */
    JsonNode await(Predicate<JsonNode> wanted) {
        try {
            Awaitility.await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(20))
                    .until(() -> received.frames.stream().anyMatch(wanted));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("no such frame; the last of " + received.frames.size() + ": "
                    + frames().subList(Math.max(0, received.frames.size() - 20), received.frames.size()) + ", closed: "
                    + received.closeCode, e);
        }
        return received.frames.stream().filter(wanted).findFirst().orElseThrow();
    }

    JsonNode await(String event) {
        return await(isEvent(event));
    }

    static Predicate<JsonNode> isEvent(String event) {
        return frame -> frame.path("event").asText().equals(event);
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static final class Received implements WebSocket.Listener {
        private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
        private final Queue<JsonNode> fresh = new ConcurrentLinkedQueue<>();
        private final StringBuilder text = new StringBuilder();
        private volatile @Nullable Integer closeCode;
        private volatile boolean ended;

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    var frame = JSON.readTree(text.toString());
                    frames.add(frame);
                    fresh.add(frame);
                } catch (JacksonException e) {
                    throw new IllegalStateException(e);
                }
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            closeCode = statusCode;
            ended = true;
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            ended = true;
        }
    }
}
