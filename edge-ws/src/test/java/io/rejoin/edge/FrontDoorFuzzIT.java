package io.rejoin.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.rejoin.contracts.TopicNames;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.listener.http.Wire;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Servers;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fuzzes the client port of a whole edge, with cases drawn from a seed. {@code infra/fuzz} runs more cases than the
 * build does ({@code -Dfuzz.cases=100000 -Dfuzz.seed=1}).
 */
class FrontDoorFuzzIT {
    private static final Logger log = LoggerFactory.getLogger(FrontDoorFuzzIT.class);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String SECRET = "a secret of at least thirty-two bytes";
    private static final int THREADS = 4;
    /** Open files that vary without a leak: classes, connections of the broker. */
    private static final int FILES_TOLERANCE = 20;

    private final int cases = Integer.getInteger("fuzz.cases", 2_000);
    private final long seed = Long.getLong("fuzz.seed", 1);
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();

    @Test
    void everyRequestIsAnsweredAsDocumentedAndLeaksNothing() throws Exception {
        try (var kafka = Servers.emptyBroker(); var history = new TestHistory()) {
            createTopics(kafka);
            var router = new TestRouter(kafka.bootstrapServers(), history, 2, null);
            try (var edge = Edge.start(config(kafka, history), fatal::add)) {
                await().atMost(LONG).until(() -> isReady(edge));
                assertServes(edge);
                var files = openFiles();
                var run = new FuzzRun(edge.port());
                var begun = System.nanoTime();
                fuzz(run);
                log.atWarn().addKeyValue("cases", cases).addKeyValue("seed", seed).addKeyValue("answers", run.answers())
                        .addKeyValue("took", Duration.ofNanos(System.nanoTime() - begun))
                        .log("a report, not a warning");

                assertThat(run.faults()).as("seed %d", seed).isEmpty();
                assertThat(run.answers()).containsKeys("101", "200", "204", "304", "400 bad_request",
                        "401 invalid_token",
                        "403 forbidden", "404 not_found", "405 method_not_allowed", "426 upgrade_required");
                await().atMost(LONG).until(() -> health(edge).contains("\"connections\":0"));
                await().atMost(LONG).until(() -> openFiles() <= files + FILES_TOLERANCE);
                assertServes(edge);
            }
            router.stop();
            assertThat(fatal).isEmpty();
        }
    }

    private void fuzz(FuzzRun run) throws InterruptedException {
        var tokens = List.of(token(null), token(null), token(null), token(null), token(List.of("lobby")), "nonsense",
                "x".repeat(8_000), "",
                token(null) + "x");
        var threads = IntStream.range(0, THREADS).mapToObj(n -> Thread.ofVirtual().start(() -> {
            var generator = new FuzzCases(new Random(seed * THREADS + n), tokens);
            for (var done = 0; done < cases / THREADS; done++) run.run(generator.next());
        })).toList();
        for (var thread : threads) thread.join();
    }

    private static void assertServes(Edge edge) throws IOException {
        try (var wire = new Wire(edge.port())) {
            wire.send("GET /ws/lobby?token=" + token(null) + " HTTP/1.1\r\nHost: edge\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(wire.answer(false).status()).isEqualTo(101);
        }
        assertThat(Wire.ask(edge.port(), "GET /health/live HTTP/1.0\r\n\r\n").status()).isEqualTo(200);
    }

    private static boolean isReady(Edge edge) throws IOException {
        return Wire.ask(edge.port(), "GET /health/ready HTTP/1.0\r\n\r\n").status() == 200;
    }

    private static String health(Edge edge) throws IOException {
        return Wire.ask(edge.port(), "GET /health HTTP/1.0\r\n\r\n").body();
    }

    /** The open files of this process, which runs the edge; 0 if the system has no such folder. */
    private static int openFiles() {
        return Objects.requireNonNullElse(new File("/proc/self/fd").list(), new String[0]).length;
    }

    private static EdgeConfig config(Broker kafka, TestHistory history) {
        return EdgeConfig.from(Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(), "EDGE_JWT_SECRET", SECRET,
                "EDGE_HOST", "127.0.0.1", "EDGE_PORT", "0", "EDGE_ALLOWED_ORIGINS", "https://app.example",
                "EDGE_HISTORY_URL", history.url().toString(), "EDGE_DRAIN_DELAY", "PT0S", "EDGE_DRAIN", "PT0S"));
    }

    private static void createTopics(Broker kafka) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TopicNames.PLAIN.commands(), 2, (short) 1),
                    new NewTopic(TopicNames.PLAIN.edges(), 1, (short) 1))).all()
                    .get();
        }
    }

    private static String token(@Nullable List<String> rooms) {
        try {
            var jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), new JWTClaimsSet.Builder().subject("ann")
                    .claim("rooms", rooms).expirationTime(Date.from(Instant.now().plus(Duration.ofHours(6)))).build());
            jwt.sign(new MACSigner(SECRET.getBytes(UTF_8)));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
