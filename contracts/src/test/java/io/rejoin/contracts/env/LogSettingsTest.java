package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.rejoin.contracts.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogSettingsTest {
    @Test
    void warningsInTextUnlessTold() {
        assertThat(read(Map.of())).isEqualTo(new LogSettings("WARN", false));
        assertThat(read(Map.of("REJOIN_LOG", "", "REJOIN_LOG_FORMAT", ""))).isEqualTo(new LogSettings("WARN", false));
        assertThat(read(Map.of("REJOIN_LOG", "debug", "REJOIN_LOG_FORMAT", "json")))
                .isEqualTo(new LogSettings("DEBUG", true));
    }

    @ParameterizedTest
    @CsvSource({"REJOIN_LOG, VERBOSE", "REJOIN_LOG_FORMAT, xml", "REJOIN_LOG_FORMAT, JSON"})
    void whatIsNoSuchWordIsRefused(String name, String value) {
        assertThatThrownBy(() -> read(Map.of(name, value))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(name, value);
    }

    @Test
    void whatIsSaidWithoutALogHasTheSameForm() throws JsonProcessingException {
        assertThat(new LogSettings("WARN", false).line("WARN", "edge", "EDGE_PROT?"))
                .isEqualTo("rejoin edge: warning: EDGE_PROT?");
        var line = Json.MAPPER.readTree(new LogSettings("WARN", true).line("ERROR", "edge", "EDGE_PORT is\n\"x\""));
        assertThat(line.get("level").textValue()).isEqualTo("ERROR");
        assertThat(line.get("service").textValue()).isEqualTo("edge");
        assertThat(line.get("message").textValue()).isEqualTo("EDGE_PORT is\n\"x\"");
        assertThat(line.get("time").textValue()).endsWith("Z");
    }

    private static LogSettings read(Map<String, String> environment) {
        var settings = new Settings(environment);
        var read = LogSettings.from(settings);
        settings.check();
        return read;
    }
}
