package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcUrlTest {
    @ParameterizedTest
    @CsvSource({"jdbc:postgresql://db/rejoin?password=s3cret,jdbc:postgresql://db/rejoin,password",
            "jdbc:postgresql://db/rejoin?user=u&password=s3cret&ssl=true,jdbc:postgresql://db/rejoin?user=u&ssl=true,password",
            "jdbc:postgresql:rejoin?sslpassword=s3cret&,jdbc:postgresql:rejoin,sslpassword",
            "jdbc:postgresql://a:1/r?sslmode=require&password=s%33cret,jdbc:postgresql://a:1/r?sslmode=require,password"})
    void secretsAreRemoved(String text, String url, String secret) {
        assertThat(JdbcUrl.of(text)).isEqualTo(new JdbcUrl(url, Map.of(secret, "s3cret")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://db:5432/rejoin", "jdbc:postgresql:rejoin",
            "jdbc:postgresql://a,b:2/rejoin",
            "jdbc:postgresql://[::1]:5432/rejoin?targetServerType=primary", "jdbc:postgresql:///rejoin"})
    void aUrlWithoutSecretsIsUnchanged(String text) {
        assertThat(JdbcUrl.of(text)).isEqualTo(new JdbcUrl(text, Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres://u:s3cret@db/rejoin", "jdbc:mysql://db/x?password=s3cret",
            "jdbc:postgresql://u:s3cret@db/rejoin", "jdbc:postgresql://u:s3cret@db:5432/rejoin?ssl=true",
            "jdbc:postgresql://db:port/rejoin?password=s3cret", "jdbc:postgresql://db:99999/rejoin"})
    void anInvalidUrlIsRefusedWithoutShowingSecrets(String text) {
        assertThatThrownBy(() -> JdbcUrl.of(text)).isInstanceOf(IllegalArgumentException.class).message()
                .startsWith("must").doesNotContain("s3cret");
    }
}
