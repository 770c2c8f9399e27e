package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTextTest {
    @Test
    void jsonIsSetOut() {
        assertThat(TerminalText.block("{\"a\":[1.50]}".getBytes(UTF_8))).contains("\n").contains("\"a\" : [ 1.50 ]");
    }

    @Test
    void whatIsNoJsonStaysAsItIs() {
        assertThat(TerminalText.block("{\"a\":".getBytes(UTF_8))).isEqualTo("{\"a\":");
        assertThat(TerminalText.block("two\nlines".getBytes(UTF_8))).isEqualTo("two\nlines");
        assertThat(TerminalText.block(new byte[0])).isEmpty();
        assertThat(TerminalText.block(null)).isEqualTo("(none)");
    }

    @Test
    void nothingSteersTheTerminal() {
        assertThat(TerminalText.line("a\u001b[2Jb\nc\u202e")).isEqualTo("a\\u{1b}[2Jb\\u{a}c\\u{202e}");
        assertThat(TerminalText.block("\u001b]0;x\u0007".getBytes(UTF_8))).isEqualTo("\\u{1b}]0;x\\u{7}");
    }

    @Test
    void otherBytesAreDumped() {
        assertThat(TerminalText.block(new byte[]{(byte) 0xff, 0, 'A'}))
                .isEqualTo("00000000  ff 00 41" + " ".repeat(13 * 3) + "  ..A");
        assertThat(TerminalText.line(new byte[]{(byte) 0xff, 0, 'A'})).isEqualTo("0xff0041");
    }

    @Test
    void allOfItIsBounded() {
        var large = new byte[1_000_000];
        large[0] = (byte) 0xff;
        assertThat(TerminalText.block(large)).hasSizeLessThan(30_000).endsWith("(995904 more bytes)");
        assertThat(TerminalText.line(large)).hasSizeLessThan(600);
        assertThat(TerminalText.block("x".repeat(1_000_000).getBytes(UTF_8))).hasSizeLessThan(70_000);
        assertThat(TerminalText.line("x".repeat(1_000_000))).hasSizeLessThan(600);
    }
}
