package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameWriterTest {
    @ParameterizedTest
    @CsvSource({"0,8100", "125,817d", "126,817e007e", "65535,817effff", "65536,817f0000000000010000"})
    void aLengthTakesTheFewestBytes(int length, String header) {
        var payload = new byte[length];
        Arrays.fill(payload, (byte) 'x');
        var frame = FrameWriter.text(payload);
        assertThat(frame).hasSize(header.length() / 2 + length).startsWith(HexFormat.of().parseHex(header))
                .endsWith(payload);
    }

    @Test
    void aPongRepeatsThePing() {
        assertThat(FrameWriter.pong(ByteBuffer.wrap(new byte[]{1, 2}))).containsExactly(0x8a, 2, 1, 2);
    }

    @Test
    void aCloseFrameHasCodeAndReason() {
        assertThat(FrameWriter.close(4401, "x")).containsExactly(0x88, 3, 0x11, 0x31, 'x');
        assertThat(FrameWriter.close(FrameWriter.NO_CODE, "")).containsExactly(0x88, 0);
    }

    @Test
    void aReasonIsCutBetweenCharacters() {
        var frame = FrameWriter.close(1008, "x" + "é".repeat(100));
        assertThat(frame).hasSize(2 + 125);
        assertThat(new String(frame, 4, 123, UTF_8)).isEqualTo("x" + "é".repeat(61));
        var shorter = FrameWriter.close(1008, "é".repeat(100));
        assertThat(new String(shorter, 4, shorter.length - 4, UTF_8)).isEqualTo("é".repeat(61));
    }
}
