package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9092", "localhost:1", "[::1]:9092", "PLAINTEXT://localhost:9092",
            "no-such-host.invalid:9092,localhost:9092"})
    void oneNameThatIsKnownIsEnough(String brokers) throws InterruptedException {
        var said = new ArrayList<String>();

        BrokerNames.await(brokers, Duration.ZERO, said::add);

        assertThat(said).isEmpty();
    }

    @Test
    void namesThatStayUnknownAreToldAndThenGivenUp() {
        var said = new ArrayList<String>();

        assertThatThrownBy(
                () -> BrokerNames.await("no-such-host.invalid:9092", Duration.ofMillis(100), said::add))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("no-such-host.invalid:9092");

        assertThat(said).singleElement().asString().contains("no-such-host.invalid:9092", "KAFKA_BOOTSTRAP_SERVERS");
    }

    @ParameterizedTest
    @CsvSource({"kafka:9092,kafka", "[::1]:9092,[::1]", "SSL://my_kafka.local:1,my_kafka.local"})
    void theHostStandsBeforeTheLastColon(String broker, String host) {
        assertThat(BrokerNames.host(broker)).isEqualTo(host);
    }
}
