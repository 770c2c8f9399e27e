package io.rejoin.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
import io.rejoin.history.store.Retention;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryConfigTest {
    @Test
    void everythingHasADefault() {
        var config = HistoryConfig.from(Map.of());

        assertThat(config.host()).isEqualTo("127.0.0.1");
        assertThat(config.port()).isEqualTo(8090);
        assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void theTextShowsTheAdoptedTopic() {
        assertThat(HistoryConfig.from(Map.of("HISTORY_ADOPT", "the-new-topic")).toString()).contains("the-new-topic");
    }

    @ParameterizedTest
    @CsvSource({"HISTORY_PORT,65536", "HISTORY_PORT,x", "HISTORY_SESSION_TIMEOUT,6", "HISTORY_SESSION_TIMEOUT,PT0.1S",
            "HISTORY_DB_READERS,0", "HISTORY_TAIL_BYTES,-1", "HISTORY_JDBC_URL,jdbc:mysql://x",
            "HISTORY_JDBC_URL,jdbc:postgresql://db:port/x", "KAFKA_BOOTSTRAP_SERVERS,kafka", "HISTORY_HOST,192.0.2.1",
            "HISTORY_START_TIMEOUT,PT0S", "HISTORY_RETENTION,30", "HISTORY_RETENTION,PT0.5S"})
    void aWrongValueIsNamed(String name, String value) {
        assertThatThrownBy(() -> HistoryConfig.from(Map.of(name, value))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @Test
    void aPasswordIsNeverPrinted() {
        assertThat(HistoryConfig.from(Map.of("HISTORY_DB_PASSWORD", "s3cret")).toString()).doesNotContain("s3cret");
        var url = "jdbc:postgresql://db/x?user=u&password=s3cret&sslpassword=s3cret";
        assertThat(HistoryConfig.from(Map.of("HISTORY_JDBC_URL", url)).toString()).contains("//db/x?user=u")
                .doesNotContain("s3cret");
    }

    @Test
    void aPublicAddressNeedsASecretOrTheOpenSetting() {
        assertThatThrownBy(() -> HistoryConfig.from(Map.of("HISTORY_HOST", "0.0.0.0")))
                .hasMessageContainingAll("HISTORY_API_SECRET", "EDGE_HISTORY_SECRET", "HISTORY_API_OPEN=yes");
        assertThatThrownBy(() -> HistoryConfig.from(Map.of("HISTORY_HOST", "::", "HISTORY_API_SECRET", "")))
                .hasMessageContaining("HISTORY_API_SECRET");
        assertThat(HistoryConfig.from(Map.of("HISTORY_HOST", "0.0.0.0", "HISTORY_API_OPEN", "yes")).secret()).isNull();
        assertThat(HistoryConfig.from(Map.of("HISTORY_HOST", "localhost")).secret()).isNull();
        var secret = "a-shared-secret-of-ours";
        var config = HistoryConfig.from(Map.of("HISTORY_HOST", "0.0.0.0", "HISTORY_API_SECRET", secret + "\n"));
        assertThat(config.secret()).isEqualTo(secret);
        assertThat(config.toString()).doesNotContain(secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "with blanks in between", "not-only-ascii-\u00e9\u00e9\u00e9"})
    void anUnusableSecretIsReportedButNotShown(String secret) {
        assertThatThrownBy(() -> HistoryConfig.from(Map.of("HISTORY_API_SECRET", secret)))
                .hasMessageStartingWith("HISTORY_API_SECRET must have").message().doesNotContain(secret);
    }

    private static Retention retention(String rooms) {
        return HistoryConfig.from(Map.of("HISTORY_RETENTION", "P365D", "HISTORY_RETENTION_ROOMS", rooms)).retention();
    }

    @Test
    void messagesAreKeptForeverByDefault() {
        assertThat(HistoryConfig.from(Map.of()).retention()).isEqualTo(Retention.FOREVER);
        assertThat(retention("").retentionTime(new RoomId("default", "lobby"))).isEqualTo(Duration.ofDays(365));
    }

    @ParameterizedTest
    @CsvSource({"default, support-7, P30D", "default, @ben, P7D", "acme, board, ''", "other, board, P365D",
            "default, supp, P365D", "acme, support-7, P30D", "default, team/7, P3D"})
    void theFirstMatchingClassSetsTheRetentionTime(String tenant, String name, String retentionTime) {
        var retention = retention("support-*=P30D, @*=P7D,, acme/board=forever, */team/*=P3D");

        assertThat(retention.retentionTime(new RoomId(tenant, name)))
                .isEqualTo(retentionTime.isEmpty() ? null : Duration.parse(retentionTime));
    }

    @Test
    void allInvalidClassesAreReportedTogether() {
        assertThatThrownBy(() -> retention("support-*, a*b=P1D, x=P0D, y=soon, no tenant/x=P1D, =P1D, b*=P1D, bc=P2D"))
                .hasMessageContainingAll("HISTORY_RETENTION_ROOMS", "\"support-*\": an entry must be",
                        "\"a*b=P1D\": a * is allowed",
                        "\"x=P0D\": the duration", "\"y=soon\": the duration",
                        "\"no tenant/x=P1D\": the part before /",
                        "\"=P1D\": an entry must be", "\"bc=P2D\": this entry has no effect");
    }
}
