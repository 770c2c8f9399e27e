package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.kafka.KafkaAccess;
import io.rejoin.metrics.Scraped;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.servers.Servers;
import io.rejoin.tracing.TraceSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RouterHealthIT {
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void aRouterIsReadyWithKafkaAndLiveWithoutIt() throws Exception {
        try (var kafka = Servers.emptyBroker();
                var router = Router.start(TestLog.config(kafka.bootstrapServers()), _ -> {})) {
            awaitReady(router, 200);
            await().atMost(TestLog.TIMEOUT).untilAsserted(() -> assertThat(ask(router, "/health").body())
                    .contains("\"status\":\"ok\"").contains("\"running\":1").contains("\"logTime\":\"2"));

            kafka.kill();
            awaitReady(router, 503);
            assertThat(ask(router, "/health/live").statusCode()).isEqualTo(200);
            assertThat(ask(router, "/health").body()).contains("KAFKA_BOOTSTRAP_SERVERS");

            kafka.restart();
            awaitReady(router, 200);
        }
    }

    @Test
    void metricsAreServedNextToHealth() throws Exception {
        try (var router = Router.start(TestLog.config(Servers.broker().bootstrapServers()), _ -> {})) {
            Scraped.from(router.port()).check("router");
        }
    }

    @Test
    void aPortInUseIsAnError() throws Exception {
        var servers = Servers.broker().bootstrapServers();
        try (var router = Router.start(TestLog.config(servers), _ -> {})) {
            var sameHostAndPort = new RouterConfig(KafkaAccess.of(servers), 1, (short) 1, Duration.ofSeconds(6),
                    Duration.ofSeconds(5),
                    Duration.ofDays(30), null, "127.0.0.1", router.port(), new LinkConfig(null, null),
                    TraceSettings.OFF);
            assertThatThrownBy(() -> Router.start(sameHostAndPort, _ -> {})).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ROUTER_PORT");
        }
    }

    private void awaitReady(Router router, int status) {
        await().atMost(TestLog.TIMEOUT).until(() -> ask(router, "/health/ready").statusCode() == status);
    }

    private HttpResponse<String> ask(Router router, String path) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + router.port() + path);
        return http.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
