package io.rejoin.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.PagesByPath;
import io.rejoin.listener.http.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MetricsTest {
    private final Metrics metrics = new Metrics("edge");
    private final Listener listener = new Listener("127.0.0.1", 0,
            new Listener.Limits(new ConnectionBudget(0, 16), Deadlines.USUAL, Duration.ofSeconds(1)),
            new Http(metrics.before(new PagesByPath(Map.of("/health", () -> Answer.json(200, "well"))))), cause -> {
                throw new IllegalStateException(cause);
            });

    @BeforeEach
    void start() throws IOException {
        listener.start();
    }

    @AfterEach
    void stop() {
        listener.close();
        metrics.close();
    }

    @Test
    void aScrapeShowsWhatWasCountedAndTheJvm() {
        var posts = Counter.builder("rejoin.edge.posts").description("Messages posted").baseUnit("posts")
                .register(metrics.registry());
        posts.increment();
        posts.increment();

        var scraped = Scraped.from(listener.port());

        scraped.check("edge");
        assertThat(scraped.sum("rejoin_edge_posts_total", "service=\"edge\"")).isEqualTo(2);
        assertThat(scraped.help()).containsEntry("rejoin_edge_posts_total", "Messages posted");
    }

    private enum Never {
        HAPPENS, HAPPENED
    }

    @Test
    void whatMustNeverHappenIsThereBeforeItDoes() {
        var invariants = new BrokenInvariants<>(metrics.registry(), "edge", Never.class);
        invariants.count(Never.HAPPENED);

        var scraped = Scraped.from(listener.port());

        assertThat(scraped.names()).contains("rejoin_edge_broken_invariants_total");
        assertThat(scraped.sum("rejoin_edge_broken_invariants_total", "invariant=\"happens\"")).isZero();
        assertThat(scraped.sum("rejoin_edge_broken_invariants_total", "invariant=\"happened\"")).isEqualTo(1);
    }

    @Test
    void whatIsLoggedIsCountedByItsLevel() {
        var log = LoggerFactory.getLogger(MetricsTest.class);
        var before = Scraped.from(listener.port()).sum("rejoin_log_events_total", "level=\"error\"");
        log.atError().addKeyValue("test", "yes").log("an error, for a test");
        log.error("and another one");

        assertThat(Scraped.from(listener.port()).sum("rejoin_log_events_total", "level=\"error\"") - before)
                .isEqualTo(2);
    }

    @Test
    void aServiceShowsWhetherItIsReady() {
        var ready = new AtomicBoolean();
        metrics.showReady(ready::get);
        assertThat(Scraped.from(listener.port()).samples()).containsEntry("rejoin_edge_ready{service=\"edge\"}", 0.0);

        ready.set(true);

        assertThat(Scraped.from(listener.port()).samples()).containsEntry("rejoin_edge_ready{service=\"edge\"}", 1.0);
    }

    @Test
    void aClientOfKafkaIsAFewNumbersUnderOneLabel() {
        try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", "127.0.0.1:1"), new ByteArraySerializer(),
                new ByteArraySerializer())) {
            metrics.showKafka("commands", producer::metrics);

            var scraped = Scraped.from(listener.port());

            var ofKafka = scraped.samples().keySet().stream().filter(name -> name.startsWith("rejoin_kafka_")).toList();
            assertThat(ofKafka).hasSizeBetween(8, 12).allMatch(name -> name.contains("client=\"commands\""));
            assertThat(scraped.samples())
                    .containsKey("rejoin_kafka_failed_records_total{client=\"commands\",service=\"edge\"}");
            assertThat(scraped.sum("rejoin_kafka_free_buffer_bytes")).isPositive();
        }
    }

    @Test
    void theFormIsTheOneThatIsAccepted() throws Exception {
        var plain = ask("GET /metrics", "");
        assertThat(plain.headers().get("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(plain.body()).doesNotContain("# EOF");

        var open = ask("GET /metrics",
                "Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5\r\n");
        assertThat(open.headers().get("Content-Type")).startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(open.body()).endsWith("# EOF\n");
    }

    @Test
    void otherPathsAreOthersToAnswer() throws Exception {
        assertThat(ask("GET /health", "").body()).isEqualTo("\"well\"");
        assertThat(ask("GET /nothing", "").status()).isEqualTo(404);
        assertThat(ask("POST /metrics", "").status()).isEqualTo(405);
    }

    private Wire.Answer ask(String what, String headers) throws IOException {
        return Wire.ask(listener.port(), what + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
    }
}
