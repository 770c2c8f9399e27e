package io.rejoin.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentDigestTest {
    /** These numbers must never change: routers compare digests from edges of several versions. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"text":"hi"}                     | 3611572901282843588
            {"data":{"b":[1.50,null],"a":"ü"}} | -1324720631406303042
            {"data":-1.2e-7}                  | 587218324408408540""")
    void isTheSameInEveryVersion(String content, long digest) throws Exception {
        assertThat(ContentDigest.of(content(content))).isEqualTo(digest);
    }

    @Test
    void tellsTheValueAndNotHowItIsWritten() throws Exception {
        for (var same : List.of(List.of("{\"data\":{\"a\":1,\"b\":2}}", "{\"data\": {\"b\": 2, \"a\": 1}}"),
                List.of("{\"data\":1}", "{\"data\":1.0}", "{\"data\":1e0}", "{\"data\":0.1e1}"),
                List.of("{\"data\":0}", "{\"data\":-0}", "{\"data\":0e5}"),
                List.of("{\"text\":\"\\u0041\"}", "{\"text\":\"A\"}"))) {
            assertThat(same.stream().map(ContentDigestTest::digest).distinct()).as("%s", same).hasSize(1);
        }
    }

    @Test
    void tellsEverythingElseApart() {
        var contents = Stream.of("{\"text\":\"\"}", "{\"text\":\"1\"}", "{\"data\":1}", "{\"data\":\"1\"}",
                "{\"data\":10}", "{\"data\":\"text\"}", "{\"data\":null}", "{\"data\":\"null\"}", "{\"data\":false}",
                "{\"data\":[]}", "{\"data\":{}}", "{\"data\":[[],[]]}", "{\"data\":[[[]]]}", "{\"data\":[\"a\",\"b\"]}",
                "{\"data\":[\"b\",\"a\"]}", "{\"data\":[\"ab\"]}", "{\"data\":{\"a\":\"b\"}}",
                "{\"data\":{\"b\":\"a\"}}", "{\"data\":{\"a\":{\"b\":1}}}", "{\"data\":{\"a\":{},\"b\":1}}",
                "{\"data\":12345678901234567890}", "{\"data\":12345678901234567891}", "{\"text\":\"ü\"}",
                "{\"text\":\"u\u0308\"}").toList();

        assertThat(contents.stream().map(ContentDigestTest::digest).distinct()).hasSameSizeAs(contents);
    }

    private static long digest(String content) {
        try {
            return ContentDigest.of(content(content));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Content content(String json) throws Exception {
        return Json.MAPPER.readValue(json, Content.class);
    }
}
