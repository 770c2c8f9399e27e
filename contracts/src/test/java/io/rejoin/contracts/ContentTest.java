package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTest {
    @Test
    void aTextIsTheStringThatJacksonWrites() throws IOException {
        var all = IntStream.rangeClosed(0, Character.MAX_VALUE).mapToObj(c -> String.valueOf((char) c)).toList();
        var random = new Random(3);
        for (var text : all) assertIsAsJacksonWrites(text);
        for (var n = 0; n < 500; n++) {
            assertIsAsJacksonWrites(random.ints(random.nextInt(200), 0, all.size()).mapToObj(all::get)
                    .collect(Collectors.joining()));
            assertIsAsJacksonWrites(random.ints(random.nextInt(200), 0, 0x80).mapToObj(all::get)
                    .collect(Collectors.joining()));
        }
    }

    private static void assertIsAsJacksonWrites(String text) throws IOException {
        var content = Content.text(text);
        assertThat(json(content)).isEqualTo(Json.MAPPER.writeValueAsBytes(text));
        assertThat(content.text()).isEqualTo(text);
        assertThat(content.data()).isNull();
        assertThat(content.isText()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"a\\uD83D\\uDE00\u20ac\"", "1e400", "[1.50,{\"\u20ac\":-0}]"})
    void dataIsItsJson(String json) {
        var content = Content.data(new JsonText(json));

        assertThat(new String(json(content), UTF_8)).isEqualTo(json);
        assertThat(content.data()).isEqualTo(new JsonText(json));
        assertThat(content.text()).isNull();
        assertThat(content.length()).isEqualTo(json.getBytes(UTF_8).length);
        assertThat(Content.checked(false, json(content))).isEqualTo(content);
    }

    @Test
    void aTextIsNotTheDataThatIsTheSameString() {
        assertThat(Content.text("a")).isNotEqualTo(Content.data(new JsonText("\"a\"")))
                .isEqualTo(Content.text("a")).isNotEqualTo(Content.text("b"))
                .hasSameHashCodeAs(Content.known(true, "\"a\"".getBytes(UTF_8)));
    }

    @Test
    void thereIsEitherATextOrData() {
        assertThatThrownBy(() -> Content.of(null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Content.of("a", JsonText.NULL)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            1                    | 0
            []                   | 1
            [[],{"a":[]}]        | 3
            "[[["                | 0
            ["\\"[[",{"[":"]"}]  | 2""")
    void itsDepthIsThatOfTheInnermostValue(String json, int depth) {
        assertThat(Content.data(new JsonText(json)).depth()).isEqualTo(depth);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1 ", " 1", "[1, 2]", "{\"a\": 1}", "nul", "nulll", "01", "-", "1.", ".5", "1e",
            "1e+", "+1", "[", "[1", "[1,", "[1,]", "[,1]", "[1}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:1}",
            "{\"a\":1]", "[]]", "1,2", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u123\"", "\"\n\"", "'a'",
            "NaN", "\"a\"b\"", "1e99999999999", "[-1.5E-99999999999]"})
    void whatIsNoJsonIsNoContent(String json) {
        assertThatThrownBy(() -> Content.checked(false, json.getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0080", "\u00c1\u0080", "\u00c2", "\u00c2\"", "\u00e0\u0080\u0080", "\u00ed\u00a0\u0080",
            "\u00f0\u0080\u0080\u0080", "\u00f4\u0090\u0080\u0080", "\u00f5\u0080\u0080\u0080", "\u00ff",
            "\u00e2\u0082", "\u00f0\u009f\u0098"})
    void bytesThatAreNoUtf8AreNoContent(String bytes) {
        assertThatThrownBy(() -> Content.checked(true, ("\"" + bytes + "\"").getBytes(ISO_8859_1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("broken");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0080\uffff", "\u07ff\u0800\ud7ff\ue000", "\ud800\udc00\udbff\udfff", "\u20ac"})
    void allOfUnicodeMayStandThereAsItIs(String text) {
        assertThat(Content.checked(true, ("\"" + text + "\"").getBytes(UTF_8)).text()).isEqualTo(text);
    }

    @Test
    void whatIsNoStringIsNoText() {
        assertThatThrownBy(() -> Content.checked(true, "1".getBytes(UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatReadersOfItWouldRefuseIsRefused() throws IOException {
        for (var depth : new int[]{Json.MAX_DEPTH, Json.MAX_DEPTH + 1})
            assertIsTakenAsByReaders("[".repeat(depth) + "]".repeat(depth), depth == Json.MAX_DEPTH);
        for (var digits : new int[]{Json.MAX_NUMBER, Json.MAX_NUMBER + 1})
            assertIsTakenAsByReaders("9".repeat(digits), digits == Json.MAX_NUMBER);
        assertThat(isTaken(("{\"" + "n".repeat(Json.MAX_NAME - 1) + "\":1}").getBytes(UTF_8))).isFalse();
        assertIsTakenAsByReaders("{\"" + "n".repeat(Json.MAX_NAME - 2) + "\":1}", true);
    }

    private static void assertIsTakenAsByReaders(String json, boolean isTaken) {
        assertThat(isTaken(json.getBytes(UTF_8))).isEqualTo(isTaken);
        assertThat(isRead(json.getBytes(UTF_8))).isEqualTo(isTaken);
    }

    /** Every content that passes the check can be read by all readers of events. */
    @Test
    void whatIsTakenCanBeRead() {
        var random = new Random(5);
        var whole = "[1.2300,-1e2,\"\\u0000\\\"\\uD83D\\uDE00\u20ac\u00fc\",{\"a\":{\"\u20ac\":[]},\"b\":null},true,false,{}]"
                .getBytes(UTF_8);
        var taken = 0;
        for (var n = 0; n < 100_000; n++) {
            var json = whole.clone();
            for (var times = 1 + random.nextInt(3); times > 0; times--) {
                var by = random.nextBoolean() ? whole[random.nextInt(whole.length)] : (byte) random.nextInt(256);
                json[random.nextInt(json.length)] = by;
            }
            if (!isTaken(json)) continue;
            taken++;
            assertThat(isRead(json)).as(new String(json, UTF_8)).isTrue();
        }
        assertThat(taken).isBetween(1_000, 99_000);
    }

    private static boolean isTaken(byte[] json) {
        try {
            var _ = Content.checked(false, json);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isRead(byte[] json) {
        try {
            var _ = Json.MAPPER.readValue(json, JsonText.class);
            var _ = Json.MAPPER.readTree(json);
            return true;
        } catch (JacksonException | NumberFormatException _) {
            return false;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] json(Content content) {
        var json = new byte[content.length() + 2];
        content.copyTo(json, 1);
        return Arrays.copyOfRange(json, 1, json.length - 1);
    }
}
