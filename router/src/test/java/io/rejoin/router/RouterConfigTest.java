package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.TraceSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterConfigTest {
    @Test
    void anEmptyEnvironmentWorksOnOneMachine() {
        assertThat(RouterConfig.from(Map.of()))
                .isEqualTo(new RouterConfig(KafkaAccess.of("127.0.0.1:9092"), 12, 64, (short) -1, Duration.ofSeconds(6),
                        Duration.ofSeconds(5), Duration.ofDays(30), null, "127.0.0.1", 8091, TraceSettings.OFF));
    }

    @Test
    void roomsMayBeKeptForEver() {
        assertThat(RouterConfig.from(Map.of("ROUTER_FORGET_AFTER", "never")).forgetAfter())
                .isGreaterThan(Duration.ofDays(365_000));
        assertThat(RouterConfig.from(Map.of("ROUTER_FORGET_AFTER", "P400D")).forgetAfter())
                .isEqualTo(Duration.ofDays(400));
    }

    @Test
    void eventsAreKeptAsTheTopicSaysUnlessTold() {
        assertThat(RouterConfig.from(Map.of()).eventsRetention()).isNull();
        assertThat(RouterConfig.from(Map.of("ROUTER_EVENTS_RETENTION", "P90D")).eventsRetention())
                .isEqualTo(Duration.ofDays(90));
        assertThat(RouterConfig.from(Map.of("ROUTER_EVENTS_RETENTION", "forever")).eventsRetention())
                .isEqualTo(RouterConfig.NEVER);
    }

    @ParameterizedTest
    @CsvSource({"ROUTER_PARTITIONS,0", "ROUTER_PARTITIONS,many", "ROUTER_PARTITIONS,99999999999",
            "ROUTER_DELIVERY_PARTITIONS,-1", "ROUTER_REPLICATION,0", "ROUTER_SESSION_TIMEOUT,6s",
            "ROUTER_SESSION_TIMEOUT,PT0S", "ROUTER_PORT,65536", "ROUTER_PORT,-1",
            "ROUTER_FORGET_AFTER,PT23H", "ROUTER_FORGET_AFTER,ever", "ROUTER_FORGET_AFTER,30",
            "ROUTER_EVENTS_RETENTION,never", "ROUTER_EVENTS_RETENTION,PT5M"})
    void aWrongValueIsRefusedByName(String name, String value) {
        assertThatThrownBy(() -> RouterConfig.from(Map.of(name, value))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }
}
