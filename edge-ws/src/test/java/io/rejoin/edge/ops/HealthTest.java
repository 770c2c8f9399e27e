package io.rejoin.edge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthTest {
    private boolean kafka = true;
    private @Nullable String history;
    private final Health health = new Health(() -> 7, () -> kafka, "broker:9092", () -> history);

    @Test
    void anEdgeThatIsWellSaysNoMoreThanThat() throws Exception {
        assertThat(Json.MAPPER.writeValueAsString(health.status())).isEqualTo("{\"status\":\"ok\",\"connections\":7}");
        assertThat(health.status().isOk()).isTrue();
    }

    @Test
    void everyProblemIsNamed() {
        kafka = false;
        history = "history: away";

        assertThat(health.status().status()).isEqualTo("degraded");
        assertThat(health.status().problems()).hasSize(2).first().asString().contains("broker:9092")
                .contains("KAFKA_BOOTSTRAP_SERVERS");
        assertThat(health.status().isOk()).isFalse();
    }

    @Test
    void anEdgeThatGoesAwayIsNotFitHoweverWellItIs() {
        health.drain();

        assertThat(health.status()).isEqualTo(new Health.Status("draining", 7, List.of()));
        assertThat(health.status().isOk()).isFalse();
    }
}
