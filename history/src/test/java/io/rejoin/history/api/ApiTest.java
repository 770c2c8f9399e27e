package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.ErasureStore;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.listener.http.DoorCheck;
import io.rejoin.metrics.Metrics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTest {
    @Test
    void aPortInUseIsAnError() throws Exception {
        var unreachable = Database.Access.of("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody", "");
        try (var metrics = new Metrics("history");
                var portInUse = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var database = new Database(unreachable, 1, new SimpleMeterRegistry());
                var api = new Api(new Api.Limits("127.0.0.1", portInUse.getLocalPort(), 1, 1),
                        new Api.AccessControl("topic", null, new ErasureStore(database)),
                        new RecentMessages(0, Duration.ofSeconds(1), System::nanoTime),
                        new MessageReader(database), new Api.Checks(() -> {}, () -> {}), metrics, () -> true,
                        _ -> {})) {
            assertThatThrownBy(api::start).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(":" + portInUse.getLocalPort()).hasMessageContaining("HISTORY_PORT");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/v1/installation"})
    void requestsOfEveryHttpVersionAreAnswered(String path) throws Exception {
        var unreachable = Database.Access.of("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody", "");
        try (var metrics = new Metrics("history");
                var database = new Database(unreachable, 1, new SimpleMeterRegistry());
                var api = new Api(new Api.Limits("127.0.0.1", 0, 1, 1),
                        new Api.AccessControl("topic", null, new ErasureStore(database)),
                        new RecentMessages(0, Duration.ofSeconds(1), System::nanoTime),
                        new MessageReader(database), new Api.Checks(() -> {}, () -> {}), metrics, () -> true,
                        _ -> {})) {
            api.start();
            new DoorCheck(api.port(), path).run();
        }
    }
}
