package io.rejoin.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of the replay API, as in an edge. */
final class ReplayClient implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;

    ReplayClient(int port) {
        this.port = port;
    }

    HttpResponse<byte[]> get(String pathAndQuery) {
        return get(pathAndQuery, null);
    }

    HttpResponse<byte[]> get(String pathAndQuery, @Nullable String authorization) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + pathAndQuery))
                .timeout(Duration.ofSeconds(60));
        if (authorization != null) request.header("Authorization", authorization);
        try {
            return http.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** @param parameters further query parameters, such as {@code "&after=4"} */
    ReplayPage page(RoomId room, String parameters) {
        var response = get(ReplayCodec.PATH + "?room=" + URLEncoder.encode(room.key(), UTF_8) + parameters);
        assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(200);
        try {
            return ReplayCodec.read(response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** All messages of the room's latest epoch, read page by page. */
    List<StoredMessage> all(RoomId room) {
        var messages = new ArrayList<StoredMessage>();
        Long next = 0L;
        while (next != null) {
            var page = page(room, "&limit=500&after=" + next);
            messages.addAll(page.messages());
            next = page.next();
        }
        return messages;
    }

    List<Long> seqs(RoomId room) {
        return all(room).stream().map(StoredMessage::seq).toList();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
