package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MisspellingsTest {
    private static final Set<String> KNOWN = Set.of("EDGE_PORT", "EDGE_HOST", "EDGE_MAX_CONNECTIONS", "EDGE_JWT_SECRET",
            "KAFKA_BOOTSTRAP_SERVERS");

    @ParameterizedTest
    @CsvSource({"EDGE_MAX_CONECTIONS,EDGE_MAX_CONNECTIONS", "EDGE_MAXCONNECTIONS,EDGE_MAX_CONNECTIONS",
            "edge_port,EDGE_PORT", "EGDE_PORT,EDGE_PORT", "EDGE_JWT_SECRETS,EDGE_JWT_SECRET",
            "EDGE_JTW_SECRET,EDGE_JWT_SECRET", "KAFKA_BOOTSTRAP_SERVER,KAFKA_BOOTSTRAP_SERVERS",
            "KAFKA_BOOSTRAP_SERVERS,KAFKA_BOOTSTRAP_SERVERS"})
    void aSlipOfThePenIsToldWithTheNameThatWasMeant(String written, String meant) {
        assertThat(Misspellings.of(Map.of(written, "1"), KNOWN))
                .containsExactly(written + " is not a variable of this service; did you mean " + meant + "?");
    }

    @Test
    void whatIsLikeNoneOfOursHasNoEffect() {
        assertThat(Misspellings.of(Map.of("EDGE_COMPRESSION_LEVEL", "1"), KNOWN))
                .containsExactly("EDGE_COMPRESSION_LEVEL is not a variable of this service; it has no effect");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EDGE_PORT", "PATH", "HISTORY_PORT", "ROUTER_HOSTS", "KAFKA_HOME", "NODE_PORT", "PORT",
            "LANG",
            "EDGE_SERVICE_HOST", "EDGE_SERVICE_PORT_HTTP", "EDGE_PORT_8080_TCP", "EDGE_PORT_8080_TCP_ADDR"})
    void whatIsMeantForOthersIsNotToldOf(String name) {
        assertThat(Misspellings.of(Map.of(name, "1"), KNOWN)).isEmpty();
    }

    @Test
    void whatKubernetesSetsForAServiceOfThatNameCountsAsUnset() {
        var settings = new Settings(Map.of("EDGE_PORT", "tcp://10.96.0.7:8080", "EDGE_WS_PORT", "tcp://10.96.0.7:80"));

        assertThat(settings.integer("EDGE_PORT", 8080, 0, 65_535)).isEqualTo(8080);
        assertThat(settings.warnings()).isEmpty();
        settings.check();
    }
}
