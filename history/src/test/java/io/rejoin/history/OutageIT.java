package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka or PostgreSQL goes away under a running service, which must catch up by itself. */
class OutageIT {
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private EmbeddedKafka kafka;
    private EmbeddedPostgres postgres;
    private EventLog log;

    @BeforeEach
    void start() {
        kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
        postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0);
        log = new EventLog(kafka.bootstrapServers(), 2);
    }

    @AfterEach
    void stop() {
        log.close();
        postgres.close();
        kafka.close();
    }

    /** Without the tail, every answer comes from the database. */
    private Services.Running service() throws InterruptedException {
        Map<String, String> environment = new HashMap<>(Services.environment(kafka, postgres));
        environment.put("HISTORY_TAIL_BYTES", "0");
        return new Services.Running(environment);
    }

    private static List<Long> seqs(long to) {
        return LongStream.rangeClosed(1, to).boxed().toList();
    }

    @Test
    void nothingIsLostWhenPostgresIsKilledUnderIngest() throws Exception {
        var room = room("postgres");
        try (var service = service()) {
            var client = service.client();
            log.post(room, 1, 2_000);
            client.page(room, "&after=0&to=1&wait_ms=30000"); // some are stored
            postgres.kill();
            log.post(room, 2_001, 4_000);

            var refused = client.get("/v1/messages?room=" + room.key());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(new String(refused.body(), UTF_8)).startsWith("{\"error\":{\"code\":\"unavailable\"");
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
            await().atMost(LONG).untilAsserted(() -> {
                var health = client.get("/health");
                assertThat(health.statusCode()).isEqualTo(503);
                assertThat(new String(health.body(), UTF_8)).contains("\"kafka\":\"ok\"",
                        "\"postgres\":\"out of reach: ");
            });

            postgres.restart();
            log.post(room, 4_001, 4_100);
            await().atMost(LONG).ignoreExceptions()
                    .untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs(4_100)));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(client.get("/health").statusCode()).isEqualTo(200));
        }
    }

    @Test
    void aBrokersRestartIsSurvived() throws Exception {
        var room = room("broker");
        try (var service = service()) {
            var client = service.client();
            log.post(room, 1, 500);
            client.page(room, "&after=0&to=1&wait_ms=30000");
            kafka.kill();
            await().atMost(LONG).untilAsserted(() -> assertThat(new String(client.get("/health").body(), UTF_8))
                    .contains("\"postgres\":\"ok\"", "\"kafka\":\"out of reach: "));
            kafka.restart();
            log.post(room, 501, 1_000);

            await().atMost(LONG).untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs(1_000)));
        }
    }
}
