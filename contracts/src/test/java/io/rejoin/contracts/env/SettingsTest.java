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
                        "WAIT must be a duration", "MODE must be on or off, not maybe", "URL must be a URL")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT61S", "1s", "1 minute"})
    void aDurationStaysWithinItsBounds(String value) {
        var settings = new Settings(Map.of("WAIT", value));

        assertThat(settings.duration("WAIT", "PT1S", "PT0S", "PT1M")).isEqualTo(Duration.ofSeconds(1));
        assertThatThrownBy(settings::check).hasMessageContaining(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka:9092", "a:1,b:2", " a:1 , b:65535 ,", "[::1]:9092", "PLAINTEXT://kafka.local:9092",
            "my_kafka:9092", "10.0.0.1:9092"})
    void brokersNeedNotResolveYet(String value) {
        var settings = new Settings(Map.of("KAFKA", value));

        assertThat(settings.brokers("KAFKA", "127.0.0.1:9092")).isEqualTo(value.replace(" ", "").replaceAll(",$", ""));
        settings.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {",", " , ", "kafka", "kafka:", "kafka:99999", "kafka:nine", "a:1;b:2", "a:1 b:2", "a:1,b",
            "http://",
            "SASL_SSL://user:s3cret@kafka:9092"})
    void brokersThatCannotBeAreNamed(String value) {
        var settings = new Settings(Map.of("KAFKA", value));
        settings.brokers("KAFKA", "127.0.0.1:9092");

        assertThatThrownBy(settings::check).hasMessageStartingWith("KAFKA must be host:port").message()
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "localhost", "::"})
    void anAddressOfThisMachineCanBeListenedOn(String host) {
        var settings = new Settings(Map.of("HOST", host));

        assertThat(settings.listenHost("HOST", "127.0.0.1")).isEqualTo(host);
        settings.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "no-such-host.invalid", "a host", "http://127.0.0.1"})
    void anotherIsNamed(String host) {
        var settings = new Settings(Map.of("HOST", host));
        settings.listenHost("HOST", "127.0.0.1");

        assertThatThrownBy(settings::check).hasMessageContaining("HOST must be an address of this machine")
                .hasMessageContaining(host);
    }

    @Test
    void aWrongValueIsShownInOneShortLineWithoutSecrets() {
        var settings = new Settings(Map.of("URL", "ftp://user:s3cret@host/\n" + "x".repeat(10_000)));
        settings.httpUrl("URL", "http://127.0.0.1");

        assertThatThrownBy(settings::check).message().hasSizeLessThan(400).doesNotContain("\n", "s3cret");
    }
}
