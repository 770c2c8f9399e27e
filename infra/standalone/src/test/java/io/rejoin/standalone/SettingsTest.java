package io.rejoin.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final Options OPTIONS = new Options(Path.of("data"), false, 8080, 1, 1, false);

    private static Settings with(Map<String, String> environment) {
        return new Settings(environment, "127.0.0.1:1234");
    }

    @Test
    void edgesTakeAnyTokenOnLoopbackUnlessToldHowToVerify() {
        assertThat(with(Map.of()).edge("edge-1", 8080, 9000)).containsEntry("EDGE_AUTH", "dev")
                .containsEntry("EDGE_HOST", "127.0.0.1").containsEntry("EDGE_HISTORY_URL", "http://127.0.0.1:9000");
        assertThat(with(Map.of("EDGE_JWT_SECRET", "s")).edge("edge-1", 8080, 9000)).doesNotContainKey("EDGE_AUTH");
    }

    @Test
    void whereEdgesListenIsForTheEnvironmentToSay() {
        assertThat(with(Map.of("EDGE_HOST", "0.0.0.0", "EDGE_JWT_SECRET", "s")).edge("edge-1", 8080, 9000))
                .containsEntry("EDGE_HOST", "0.0.0.0");
    }

    @Test
    void theEnvironmentReachesTheServicesButDecidesNotWhatStandaloneDecides() {
        var edge = with(Map.of("EDGE_HEARTBEAT", "PT5S", "EDGE_PORT", "1", "PATH", "/bin")).edge("edge-1", 8081, 9000);

        assertThat(edge).containsEntry("EDGE_HEARTBEAT", "PT5S").containsEntry("EDGE_PORT", "8081")
                .doesNotContainKey("PATH");
    }

    @Test
    void edgesKnowTheSecretsOfRoutersAndHistory() {
        var secrets = Map.of("ROUTER_LINK_SECRET", "0123456789abcdef", "HISTORY_API_SECRET", "fedcba9876543210");
        assertThat(with(secrets).edge("edge-1", 8080, 9000)).containsEntry("EDGE_ROUTER_SECRET", "0123456789abcdef")
                .containsEntry("EDGE_HISTORY_SECRET", "fedcba9876543210");
        assertThat(with(Map.of()).edge("edge-1", 8080, 9000)).doesNotContainKey("EDGE_ROUTER_SECRET");
    }

    @Test
    void exportsAreQuotedForAShell() {
        assertThat(Settings.exports(List.of(Map.of("B", "it's $HOME"), Map.of("A", "1"))))
                .containsExactly("export A='1'", "export B='it'\\''s $HOME'");
    }

    @Test
    void anEmptyVariableIsUnset() {
        assertThat(with(Map.of("EDGE_HOST", "", "EDGE_JWT_SECRET", " ")).edge("edge-1", 8080, 9000))
                .containsEntry("EDGE_HOST", "127.0.0.1").containsEntry("EDGE_AUTH", "dev");
    }

    @Test
    void whatIsWrongForWhicheverServiceIsNamedBeforeAnythingStarts() {
        var wrong = Map.of("EDGE_HEARTBEAT", "often", "ROUTER_REDELIVERY", "1", "HISTORY_TAIL_BYTES", "-1");

        assertThatThrownBy(() -> SettingsCheck.of(OPTIONS, wrong)).isInstanceOf(UserErrorException.class)
                .hasMessageContainingAll("EDGE_HEARTBEAT", "ROUTER_REDELIVERY", "HISTORY_TAIL_BYTES");
    }

    @Test
    void aSlipOfThePenIsWarnedOfOnce() {
        assertThat(SettingsCheck.of(OPTIONS, Map.of("EDGE_HEARTBEATS", "PT1S", "HISTORY_TAIL", "1", "PATH", "/bin")))
                .hasSize(2).anyMatch(line -> line.contains("did you mean EDGE_HEARTBEAT?"))
                .anyMatch(line -> line.startsWith("HISTORY_TAIL "));
    }
}
