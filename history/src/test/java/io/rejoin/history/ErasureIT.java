package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A user is erased while two instances run. Neither instance may still serve the user's messages, from memory or from
 * the database.
 */
class ErasureIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final String SECRET = "a-shared-secret-of-ours";
    private static final UserId ANN = EventLog.ANN;

    private static Map<String, String> withSecret(Map<String, String> environment) {
        var guardedEnvironment = new HashMap<>(environment);
        guardedEnvironment.put("HISTORY_API_SECRET", SECRET);
        return guardedEnvironment;
    }

    private static HttpResponse<String> send(HttpClient http, int port, String method, String path)
            throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody()).header("Authorization", "Bearer " + SECRET)
                .build(),
                BodyHandlers.ofString());
    }

    private static ReplayPage page(HttpClient http, int port, String key) throws IOException, InterruptedException {
        var path = ReplayCodec.PATH + "?after=0&room=" + URLEncoder.encode(key, UTF_8);
        return ReplayCodec.read(send(http, port, "GET", path).body().getBytes(UTF_8));
    }

    @Test
    void aUserIsErasedOnAllInstancesAndInMessagesStoredLater() throws Exception {
        var room = room("erased");
        try (var kafka = Servers.emptyBroker();
                var postgres = Servers.database();
                var log = new EventLog(kafka.bootstrapServers(), 2);
                var one = new Services.Running(withSecret(Services.environment(kafka, postgres)));
                var other = new Services.Running(withSecret(Services.environment(kafka, postgres)));
                var http = HttpClient.newHttpClient()) {
            log.post(room, 1, 5);
            for (var port : List.of(one.port(), other.port()))
                await().atMost(TIMEOUT).until(() -> page(http, port, room.key()).messages().size() == 5);
            assertThat(send(http, one.port(), "GET", "/v1/users/default/ann").statusCode()).isEqualTo(404);

            var response = send(http, one.port(), "DELETE", "/v1/users/default/ann");
            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(response.body()).contains("\"user\":\"default/ann\",\"state\":\"running\"");
            await().atMost(TIMEOUT)
                    .until(() -> send(http, other.port(), "GET", "/v1/users/default/ann").statusCode() == 200);

            log.publish(EventLog.message(room, 6, Content.text("posted before, stored after")));
            for (var port : List.of(one.port(), other.port())) {
                await().atMost(TIMEOUT).until(() -> page(http, port, room.key()).messages().size() == 6);
                assertThat(page(http, port, room.key()).messages()).extracting(StoredMessage::erased)
                        .containsOnly(true);
                assertThat(page(http, port, room.key()).messages()).extracting(StoredMessage::user)
                        .doesNotContain(ANN);
                await().atMost(TIMEOUT).until(() -> send(http, port, "GET", ReplayCodec.INSTALLATION_PATH).headers()
                        .firstValue(ReplayCodec.ERASURES_HEADER).orElse("").equals("1"));
            }
            assertThat(send(http, other.port(), "GET", "/v1/users/default/ann").body())
                    .contains("\"state\":\"done\"", "\"messages\":5", "\"progress\":1.0");
        }
    }

    @Test
    void anErasureWithoutRightsOrOfAnInvalidUserIsRefused() throws Exception {
        try (var kafka = Servers.emptyBroker();
                var postgres = Servers.database();
                var log = new EventLog(kafka.bootstrapServers(), 1);
                var open = new Services.Running(Services.environment(kafka, postgres));
                var guarded = new Services.Running(withSecret(Services.environment(kafka, postgres)));
                var http = HttpClient.newHttpClient()) {
            assertThat(log.eventsId()).isNotEmpty();
            assertThat(send(http, open.port(), "DELETE", "/v1/users/default/ann").statusCode()).isEqualTo(403);
            var withoutSecret = HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + guarded.port() + "/v1/users/default/ann"))
                    .DELETE().build();
            assertThat(http.send(withoutSecret, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
            assertThat(send(http, guarded.port(), "DELETE", "/v1/users/ann").statusCode()).isEqualTo(400);
            assertThat(send(http, guarded.port(), "DELETE", "/v1/users/not%20one/ann").statusCode()).isEqualTo(400);
            assertThat(send(http, guarded.port(), "PUT", "/v1/users/default/ann").statusCode()).isEqualTo(405);
            assertThat(send(http, guarded.port(), "DELETE", ReplayCodec.PATH + "?room=default%2Fx").statusCode())
                    .isEqualTo(405);
        }
    }
}
