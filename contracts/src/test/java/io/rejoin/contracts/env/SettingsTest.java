package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @Test
    void whatIsSetIsRead() {
        var settings = new Settings(Map.of("HOST", " edge.local ", "PORT", "8081", "WAIT", "PT3S", "MODE", "off", "URL",
                "https://history.local:8090"));

        assertThat(settings.text("HOST")).isEqualTo("edge.local");
        assertThat(settings.integer("PORT", 8080, 0, 65_535)).isEqualTo(8081);
        assertThat(settings.duration("WAIT", "PT1S", "PT0S", "PT1M")).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.choice("MODE", "on", "off")).isEqualTo("off");
        assertThat(settings.httpUrl("URL", "http://127.0.0.1")).isEqualTo(URI.create("https://history.local:8090"));
        settings.check();
    }

    @Test
    void aSecretKeepsItsBlanks() {
        var settings = new Settings(Map.of("PASSWORD", " p w ", "EMPTY", ""));

        assertThat(settings.secret("PASSWORD")).isEqualTo(" p w ");
        assertThat(settings.secret("EMPTY")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void anEmptyVariableIsUnset(String empty) {
        var settings = new Settings(Map.of("X", empty));

        assertThat(settings.text("X")).isNull();
        assertThat(settings.text("X", "y")).isEqualTo("y");
        assertThat(settings.number("X", 7, 0, 10)).isEqualTo(7);
        assertThat(settings.duration("X", "PT1S", "PT0S", "PT1M")).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.choice("X", "on", "off")).isEqualTo("on");
        settings.check();
    }

    @Test
    void everyWrongValueIsNamedAtOnceInOneLine() {
        var settings = new Settings(Map.of("PORT", "http", "MAX", "99999999999999999999", "WAIT", "5", "MODE", "maybe",
                "URL", "history:8090"));

        settings.integer("PORT", 8080, 0, 65_535);
        settings.integer("MAX", 1, 0, 10);
        settings.duration("WAIT", "PT1S", "PT0S", "PT1M");
        settings.choice("MODE", "on", "off");
        settings.httpUrl("URL", "http://127.0.0.1:8090");

        assertThatThrownBy(settings::check).isInstanceOf(IllegalArgumentException.class).message()
                .contains("PORT must be a whole number from 0 to 65535, not http", "MAX", "99999999999999999999",
                        "WAIT must be a duration", "MODE is on or off, not maybe", "URL must be a URL")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT61S", "1s", "1 minute"})
    void aDurationStaysWithinItsBounds(String value) {
        var settings = new Settings(Map.of("WAIT", value));

        assertThat(settings.duration("WAIT", "PT1S", "PT0S", "PT1M")).isEqualTo(Duration.ofSeconds(1));
        assertThatThrownBy(settings::check).hasMessageContaining(value);
    }
}
