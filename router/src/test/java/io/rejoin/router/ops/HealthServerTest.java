package io.rejoin.router.ops;

import io.rejoin.link.LinkServer;
import io.rejoin.listener.http.DoorCheck;
import io.rejoin.metrics.Metrics;
import io.rejoin.router.link.EdgeStreams;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthServerTest {
    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/live", "/health/ready"})
    void probesAreAnsweredForEveryHttpVersion(String path) throws Exception {
        try (var metrics = new Metrics("router");
                var server = new HealthServer("127.0.0.1", 0, metrics, new LinkServer(null, new EdgeStreams(), 1_000),
                        fatal -> {
                            throw new IllegalStateException(fatal);
                        })) {
            new DoorCheck(server.port(), path).run();
        }
    }
}
