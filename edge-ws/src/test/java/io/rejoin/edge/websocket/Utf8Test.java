package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
    /** Bytes at the limits of the byte ranges. Random strings of them are often valid or nearly valid. */
    private static final int[] BOUNDARY_BYTES = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2,
            0xDF, 0xE0, 0xE1,
            0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};

    @Test
    void everyCodePointIsAcceptedByteByByte() {
        var utf8 = new Utf8();
        for (var point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) continue;
            for (var next : Character.toString(point).getBytes(UTF_8)) {
                assertThat(utf8.accept(new byte[]{next}, 0, 1)).isTrue();
            }
            assertThat(utf8.isComplete()).isTrue();
        }
    }

    @Test
    void itAgreesWithTheJdkHoweverTheBytesAreCut() {
        var random = new Random(1);
        for (var round = 0; round < 200_000; round++) {
            var bytes = new byte[random.nextInt(9)];
            for (var i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) BOUNDARY_BYTES[random.nextInt(BOUNDARY_BYTES.length)];
            }
            assertThat(isValidInPieces(bytes, random)).isEqualTo(isValidForTheJdk(bytes));
        }
    }

    /** The last byte of each value makes it invalid. The bytes before it can still begin valid text. */
    @ParameterizedTest
    @ValueSource(strings = {"80", "C0", "C1", "E080", "EDA0", "F08F", "F490", "F5", "FF", "C241", "E0A041", "F0908041",
            "4180"})
    void anInvalidByteIsRejectedAtOnce(String hex) {
        var bytes = HexFormat.of().parseHex(hex);
        var utf8 = new Utf8();
        assertThat(utf8.accept(bytes, 0, bytes.length - 1)).isTrue();
        assertThat(utf8.accept(bytes, bytes.length - 1, bytes.length)).isFalse();
    }

    private static boolean isValidInPieces(byte[] bytes, Random random) {
        var utf8 = new Utf8();
        for (var from = 0; from < bytes.length;) {
            var to = from + 1 + random.nextInt(bytes.length - from);
            if (!utf8.accept(bytes, from, to)) return false;
            from = to;
        }
        return utf8.isComplete();
    }

    private static boolean isValidForTheJdk(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
