package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class FramesTest {
    @Test
    void aFrameWhoseEndIsMissingWaits() throws IOException {
        var bytes = new byte[]{(byte) 0x81, 2, 'h', 'i', (byte) 0x81, 2, 'o'};
        var frames = new Frames(bytes, 0, bytes.length);

        assertThat(frames.next()).isTrue();
        assertThat(frames.opcode()).isEqualTo(Frames.TEXT);
        assertThat(frames.payload().string()).isEqualTo("hi");
        assertThat(frames.next()).isFalse();
        assertThat(frames.start()).isEqualTo(4);
    }

    @Test
    void longerFramesSayTheirLengthInMoreBytes() throws IOException {
        var text = "x".repeat(70_000).getBytes(UTF_8);
        var bytes = ByteBuffer.allocate(80_000).put((byte) 0x81).put((byte) 127).putLong(text.length).put(text)
                .put((byte) 0x81).put((byte) 126).putShort((short) 300).put(text, 0, 300);
        var frames = new Frames(bytes.array(), 0, bytes.position());

        assertThat(frames.next()).isTrue();
        assertThat(frames.payload().to() - frames.payload().from()).isEqualTo(70_000);
        assertThat(frames.next()).isTrue();
        assertThat(frames.payload().to() - frames.payload().from()).isEqualTo(300);
        assertThat(frames.next()).isFalse();
    }

    @Test
    void aCloseSaysItsCode() throws IOException {
        var bytes = new byte[]{(byte) 0x88, 2, 0x03, (byte) 0xF5, (byte) 0x88, 0};
        var frames = new Frames(bytes, 0, bytes.length);

        frames.next();
        assertThat(frames.closeCode()).isEqualTo(1013);
        frames.next();
        assertThat(frames.closeCode()).isEqualTo(1005);
    }

    @Test
    void whatAServerMustNotSendEndsTheConnection() {
        var fragment = new byte[]{0x01, 0};
        var masked = new byte[]{(byte) 0x81, (byte) 0x80, 0, 0, 0, 0};

        assertThatThrownBy(() -> new Frames(fragment, 0, 2).next()).hasMessage("a fragmented message");
        assertThatThrownBy(() -> new Frames(masked, 0, 6).next()).hasMessage("a masked frame from the server");
    }
}
