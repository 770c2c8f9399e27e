package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Many clients that are far behind resume at once, in rooms with the largest messages. If only the count bounded pages,
 * the services would run out of memory. {@code infra/far-behind} runs the same with more clients and less memory.
 */
class FarBehindIT {
    private static final int CLIENTS = Integer.getInteger("rejoin.behind.clients", 16);
    private static final int ROOMS = Integer.getInteger("rejoin.behind.rooms", 2);
    private static final int MESSAGES = Integer.getInteger("rejoin.behind.messages", 40);
    private static final int BYTES = 60_000;
    private static final Duration PATIENCE = Cluster.PATIENCE.plusSeconds(CLIENTS);

    private final Cluster cluster = Cluster.shared();

    @Test
    void allOfThemGetAllOfItAndNothingDies() {
        var text = "x".repeat(BYTES);
        try (var poster = Client.connect(cluster.edgeUri(0, ""))) {
            for (var room = 0; room < ROOMS; room++) poster.send(join(room, ""));
            await().atMost(PATIENCE).until(() -> poster.frames("join_ack").size() == ROOMS);
            for (var n = 0; n < MESSAGES * ROOMS; n++) poster.post("behind-" + n % ROOMS, "id-" + n, text);
            await().atMost(PATIENCE).until(() -> poster.frames("ack").size() == MESSAGES * ROOMS);
        }

        var readers = new ArrayList<Reader>();
        for (var n = 0; n < CLIENTS; n++) readers.add(Reader.connect(cluster, n % ROOMS));

        try {
            await().atMost(PATIENCE).until(() -> readers.stream().allMatch(reader -> reader.seen.get() >= MESSAGES));
            var all = LongStream.rangeClosed(1, MESSAGES).sum();
            assertThat(readers).allSatisfy(reader -> assertThat(reader.sum.get()).isEqualTo(all));
            assertThat(cluster.edges()).allMatch(ServiceProcess::isAlive);
            assertThat(cluster.history().isAlive()).isTrue();
        } finally {
            readers.forEach(reader -> reader.socket().abort());
        }
    }

    private static String join(int room, String more) {
        return "{\"event\":\"join\",\"room\":\"behind-" + room + "\"" + more + "}";
    }

    /** A client that counts messages and keeps none. */
    private static final class Reader implements WebSocket.Listener {
        private static final HttpClient HTTP = HttpClient.newHttpClient();

        private final AtomicLong seen = new AtomicLong();
        private final AtomicLong sum = new AtomicLong();
        private final StringBuilder begin = new StringBuilder();
        private volatile @Nullable WebSocket socket;

        static Reader connect(Cluster cluster, int room) {
            var reader = new Reader();
            var socket = HTTP.newWebSocketBuilder().buildAsync(cluster.edgeUri(room % 2, "?direct=off"), reader)
                    .orTimeout(60, TimeUnit.SECONDS).join();
            reader.socket = socket;
            var _ = socket.sendText(join(room, ",\"after\":{\"last\":" + MESSAGES + "}"), true)
                    .orTimeout(60, TimeUnit.SECONDS).join();
            return reader;
        }

        WebSocket socket() {
            var open = socket;
            if (open == null) throw new IllegalStateException("not connected yet");
            return open;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            if (begin.length() < 200) begin.append(data, 0, Math.min(data.length(), 200));
            if (last) {
                var head = begin.toString();
                begin.setLength(0);
                if (head.startsWith("{\"event\":\"message\"")) {
                    sum.addAndGet(Long.parseLong(head.replaceAll("(?s).*?\"seq\":([0-9]+).*", "$1")));
                    seen.incrementAndGet();
                }
            }
            webSocket.request(1);
            return null;
        }
    }
}
