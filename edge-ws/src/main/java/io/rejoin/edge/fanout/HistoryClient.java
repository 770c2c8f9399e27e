package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Reads missed messages from the history service. Blocks; safe for any thread. */
public final class HistoryClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    /** How long history may hold an answer back until it has taken in what is asked for. */
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration ANSWER = WAIT.plusSeconds(10);

    private final URI base;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT)
            .build();

    public HistoryClient(URI base) {
        this.base = base;
    }

    /**
     * The first page of what came after a seq. Waits a little for history to have taken it in.
     *
     * @param to the last seq that is of interest
     * @throws IOException when history cannot be reached, or cannot answer now
     */
    ReplayPage read(RoomId room, long epoch, long after, long to) throws IOException, InterruptedException {
        var upTo = Math.min(to, after + ReplayCodec.MAX_PAGE);
        var query = "?room=" + URLEncoder.encode(room.key(), UTF_8) + "&epoch=" + epoch + "&after=" + after + "&to=" + upTo
                + "&limit=" + ReplayCodec.MAX_PAGE + "&wait_ms=" + WAIT.toMillis();
        return ReplayCodec.read(get(ReplayCodec.PATH + query, ANSWER));
    }

    /** Whether the service answers; the exception says why not. */
    public void check() throws IOException, InterruptedException {
        get("/health", CONNECT);
    }

    private byte[] get(String pathAndQuery, Duration bound) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(base.resolve(pathAndQuery)).timeout(bound).build();
        var response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("history answered " + response.statusCode() + " to " + request.uri().getPath());
        }
        return response.body();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
