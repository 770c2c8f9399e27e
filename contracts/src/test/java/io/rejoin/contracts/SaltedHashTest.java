package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SaltedHashTest {
    private static final byte[] ID = "id1".getBytes(UTF_8);

    @Test
    void equalTextsHaveOneHash() {
        assertThat(SaltedHash.of(ID, "lobby", "ann" + 1)).isEqualTo(SaltedHash.of(ID.clone(), "lobby", "ann1"));
    }

    @Test
    void whereATextEndsMakesADifference() {
        assertThat(SaltedHash.of(ID, "ab", "c")).isNotEqualTo(SaltedHash.of(ID, "a", "bc"));
        assertThat(SaltedHash.of(ID, "", "a")).isNotEqualTo(SaltedHash.of(ID, "a", ""));
        assertThat(SaltedHash.of(ID, "2")).isNotEqualTo(SaltedHash.of("id12".getBytes(UTF_8)));
    }

    /** With a random hash, 1,024 texts are expected to use about 906 of 4,096 slots. */
    @Test
    void textsOfOneStringHashAreSpread() {
        var texts = IntStream.range(0, 1024).mapToObj(n -> IntStream.range(0, 10)
                .mapToObj(bit -> (n >> bit & 1) == 0 ? "Aa" : "BB").collect(Collectors.joining())).toList();

        assertThat(texts.stream().mapToInt(String::hashCode).distinct().count()).isEqualTo(1);
        assertThat(texts.stream().mapToInt(text -> SaltedHash.of(ID, text) & 4095).distinct().count())
                .isGreaterThan(800);
        assertThat(texts.stream().mapToInt(text -> SaltedHash.of(text.getBytes(UTF_8)) & 4095).distinct().count())
                .isGreaterThan(800);
    }
}
