package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "-0", "1e2", "1.50", "1E+400", "123456789012345678901234567890", "\"\"",
            "\"a\\u0000\\\"\\\\\\uD83D\\uDE00\u20AC\"", "[]", "{}", "[1,[2,{\"a\":null}]]",
            "{\"b\":1,\"a\":{\"c\":[]}}"})
    void aValueIsReadAndWrittenAsItIs(String json) throws Exception {
        assertThat(JsonText.of(json)).isEqualTo(new JsonText(json));
        assertThat(new String(Json.MAPPER.writeValueAsBytes(new JsonText(json)), UTF_8)).isEqualTo(json);
        assertThat(Json.MAPPER.readValue("{\"data\":" + json + "}", Content.class))
                .isEqualTo(Content.data(new JsonText(json)));
    }

    @Test
    void whiteSpaceAndEscapesThatSayNothingGo() throws IOException {
        assertThat(JsonText.of(" { \"a\" : [ 1 , \"\\u0041\\/\" ] }\n")).isEqualTo(new JsonText("{\"a\":[1,\"A/\"]}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e99999999999", "[-1.5E-99999999999]", "{\"a\":1e2147483649}"})
    void whatWasNoNumberInTheTopicsBeforeIsNoneNow(String json) {
        assertThatThrownBy(() -> JsonText.of(json)).isInstanceOfAny(IOException.class, NumberFormatException.class);
        assertThatThrownBy(() -> Json.MAPPER.readTree(json))
                .isInstanceOfAny(IOException.class, NumberFormatException.class);
    }

    @Test
    void surrogatesAreEscapedAsInAllOurJson() throws IOException {
        assertThat(JsonText.ofString("a\"\uD800b\uD83D\uDE00"))
                .isEqualTo(new JsonText("\"a\\\"\\uD800b\\uD83D\\uDE00\""));
        assertThat(JsonText.ofString("\n\u20AC")).isEqualTo(new JsonText("\"\\n\u20AC\""));
        assertThat(JsonText.of("[\"\uD83D\uDE00\\ud800\"]")).isEqualTo(new JsonText("[\"\\uD83D\\uDE00\\uD800\"]"));
        assertThatThrownBy(() -> Json.MAPPER.writeValueAsBytes(new JsonText("\"\uD800\"")))
                .isInstanceOf(JacksonException.class);
    }
}
