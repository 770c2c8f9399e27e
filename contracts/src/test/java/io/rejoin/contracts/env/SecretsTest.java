package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "jdbc:postgresql://db/rejoin?user=u&password=s3cret&ssl=true | jdbc:postgresql://db/rejoin?user=u&password=***&ssl=true",
            "jdbc:postgresql://u:s3cret@db:5432/rejoin | jdbc:postgresql://u:***@db:5432/rejoin",
            "http://s3cret@keys.example.com/jwks | http://***@keys.example.com/jwks",
            "http://u:p@:/s3cret@host/jwks and more | http://u:***@host/jwks and more",
            "PlainLoginModule required username=\"u\" password=\"a \\\" s3cret\"; | PlainLoginModule required username=\"u\" password=***;",
            "{user=u, password=s3cret} | {user=u, password=***"})
    void aSecretIsMaskedAndTheRestStays(String text, String masked) {
        assertThat(Secrets.masked(text)).isEqualTo(masked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql:///r?sslpassword=s3cret", "x?PASSWORD=s3cret", "x?sslPassword=a;s3cret",
            "https://idp/keys?client_secret=s3cret", "https://idp/keys?a=b&access_token=s3cret", "x?api-key=s3cret",
            "password = 's3cret'", "ldap://:s3cret@host", "x://u:a@s3cret@host", "dbPassword=s3cret,next"})
    void noSecretIsLeft(String text) {
        assertThat(Secrets.masked(text)).doesNotContain("s3cret").contains("***");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://127.0.0.1:5432/rejoin", "http://history:8090", "127.0.0.1:9092,b:9092",
            "user ann@example.com", "the password is wrong"})
    void whatIsNoSecretStays(String text) {
        assertThat(Secrets.masked(text)).isEqualTo(text);
    }
}
