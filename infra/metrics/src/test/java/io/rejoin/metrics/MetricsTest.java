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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
