package io.rejoin.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Servers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Tests an edge whose Kafka or routers stop and come back: clients get retriable errors and no false ack, and the edge
 * recovers by itself.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class EdgeOutageIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();

    @Test
    void anOutageOfKafkaIsReportedAndSurvived() throws Exception {
        try (var kafka = Servers.newBroker(); var history = new TestHistory()) {
            createTopics(kafka);
            var router = new TestRouter(kafka.bootstrapServers(), history, 2, null);
            try (var edge = Edge.start(config(kafka, history), fatal::add)) {
                var ann = TestClient.connect(HTTP, edge.port(), "/ws/lobby?name=ann");
                ann.next("join_ack");
                kafka.kill();
                ann.send("{\"event\":\"message\",\"text\":\"during\",\"id\":\"m1\"}");

                assertThat(ann.next("error").get("code").textValue()).isEqualTo("timeout");
                assertThat(ann.of("ack")).isEmpty();
                await().atMost(LONG).until(() -> status(edge, "/health/ready") == 503);
                assertThat(health(edge)).contains("\"unready\"").contains("kafka: ");
                assertThat(status(edge, "/health/live")).isEqualTo(200);
                kafka.restart();
                await().atMost(LONG).until(() -> health(edge).contains("\"ok\""));
                assertThat(status(edge, "/health/ready")).isEqualTo(200);
                ann.send("{\"event\":\"message\",\"text\":\"after\",\"id\":\"m2\"}");
                ann.next("ack", ack -> ack.get("id").textValue().equals("m2"));
                ann.next("message", message -> message.get("text").textValue().equals("after"));
            }
            router.stop();
            assertThat(fatal).isEmpty();
        }
    }

    @Test
    void anEdgeWithoutRoutersIsUnreadyWhileAnotherIsHealthy() throws Exception {
        try (var kafka = Servers.newBroker(); var history = new TestHistory()) {
            createTopics(kafka);
            var other = new OtherEdge(kafka.bootstrapServers());
            try (other; var edge = Edge.start(config(kafka, history), fatal::add)) {
                await().atMost(LONG).until(() -> health(edge).contains("\"unready\""));
                assertThat(health(edge)).contains("routers: ", "2 shard(s)", "No router announces itself");
                assertThat(status(edge, "/health/ready")).isEqualTo(503);
                assertThat(status(edge, "/health/live")).isEqualTo(200);
                var first = new TestRouter(kafka.bootstrapServers(), history, 2, null);
                await().atMost(LONG).until(() -> status(edge, "/health/ready") == 200);
                assertThat(health(edge)).contains("\"ok\"");
                var ann = TestClient.connect(HTTP, edge.port(), "/ws/lobby?name=ann");
                ann.next("join_ack");
                first.stop();
                await().atMost(LONG).until(() -> status(edge, "/health/ready") == 503);
                assertThat(health(edge)).contains("\"unready\"", "routers: ", "2 shard(s)",
                        "the router at " + first.address());
                other.close(); // no other edge is healthy: this one accepts clients
                await().atMost(LONG).until(() -> status(edge, "/health/ready") == 200);
                assertThat(health(edge)).contains("\"dark\"");
                ann.send("{\"event\":\"message\",\"text\":\"during\",\"id\":\"m1\"}");
                var second = new TestRouter(kafka.bootstrapServers(), history, 2, null);
                await().atMost(LONG).until(() -> health(edge).contains("\"ok\""));

                ann.next("message", message -> message.get("text").textValue().equals("during"));
                await().atMost(LONG).until(() -> second.commands().stream().anyMatch(c -> c instanceof Command.Post));
                assertThat(second.commands()).filteredOn(c -> c instanceof Command.Join join
                        && join.room().name().equals("lobby")).hasSize(1); // no delivery was missed
                assertThat(ann.isOpen()).isTrue();
                ann.close();
                second.stop();
            }
            assertThat(fatal).isEmpty();
        }
    }

    /** Plays another edge that always reports that it is healthy. */
    private static final class OtherEdge implements AutoCloseable {
        private final KafkaProducer<byte[], byte[]> producer;
        private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

        OtherEdge(String bootstrapServers) {
            producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrapServers), new ByteArraySerializer(),
                    new ByteArraySerializer());
            var heartbeat = LogCodec.heartbeat(new EdgeHeartbeat(new EdgeRef("other", 1, 0), "there:1", 1, "ok"));
            var record = new ProducerRecord<>(TopicNames.PLAIN.edges(), "other".getBytes(UTF_8), heartbeat);
            var _ = scheduler.scheduleWithFixedDelay(() -> {
                var _ = producer.send(record);
            }, 0, 500, TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            scheduler.shutdownNow();
            producer.close(Duration.ZERO);
        }
    }

    private static void createTopics(Broker kafka) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TopicNames.PLAIN.commands(), 2, (short) 1),
                    new NewTopic(TopicNames.PLAIN.edges(), 1, (short) 1))).all()
                    .get();
        }
    }

    private static EdgeConfig config(Broker kafka, TestHistory history) {
        return EdgeConfig
                .from(Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(), "EDGE_AUTH", "dev",
                        "EDGE_DRAIN_DELAY", "PT0S", "EDGE_PORT",
                        "0", "EDGE_HISTORY_URL", history.url().toString()));
    }

    private static String health(Edge edge) throws Exception {
        return get(edge, "/health").body();
    }

    private static int status(Edge edge, String path) throws Exception {
        return get(edge, path).statusCode();
    }

    private static HttpResponse<String> get(Edge edge, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + edge.port() + path)).build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
