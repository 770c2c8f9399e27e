package io.rejoin.edge.websocket;

import static io.rejoin.edge.websocket.RawClient.masked;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.rejoin.contracts.client.CloseCode;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameReaderTest {
    private static final int LIMIT = 1000;

    @Test
    void messagesAreReadWithAnyFragmentation() throws Exception {
        for (var seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            var traffic = new Traffic(random);
            for (var i = random.nextInt(6); i >= 0; i--) {
                traffic.addMessage();
            }
            var reader = new FrameReader(new Pieces(traffic.bytes.toByteArray(), random), LIMIT);
            for (var expected : traffic.expected) {
                assertThat(reader.next()).as("seed %d", seed).isEqualTo(expected);
            }
            assertThat(reader.next()).isEqualTo(new Incoming.End());
        }
    }

    @Test
    void damagedBytesCauseOnlyProtocolExceptions() throws Exception {
        for (var seed = 0; seed < 20_000; seed++) {
            var random = new Random(seed);
            var traffic = new Traffic(random);
            traffic.addMessage();
            var bytes = traffic.bytes.toByteArray();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            var reader = new FrameReader(new Pieces(bytes, random), LIMIT);
            try {
                while (!(reader.next() instanceof Incoming.End)) {
                    // read until the flipped bit
                }
            } catch (ProtocolException _) {
                reader.skipToClose();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            reserved bit 1,               c180 00000000
            reserved bit 2,               a180 00000000
            reserved bit 3,               9180 00000000
            reserved opcode 3,            8380 00000000
            reserved opcode 11,           8b80 00000000
            no mask,                      8101 41
            length of 125 in 2 bytes,     81fe 007d 00000000
            length of 65535 in 8 bytes,   81ff 000000000000ffff 00000000
            negative length,              82ff 8000000000000000 00000000
            fragmented ping,              0980 00000000
            ping of 126 bytes,            89fe 007e 00000000
            continuation of nothing,      8080 00000000
            text within a text,           0180 00000000 8180 00000000
            close code of one byte,       8881 00000000 03
            close code 999,               8882 00000000 03e7
            close code 1004,              8882 00000000 03ec
            close code 1005,              8882 00000000 03ed
            close code 1006,              8882 00000000 03ee
            close code 1015,              8882 00000000 03f7
            close code 2999,              8882 00000000 0bb7
            close code 5000,              8882 00000000 1388
            """)
    void invalidFramingIs1002(String what, String hex) {
        assertFails(what, hex, CloseCode.PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            surrogate,                    8183 00000000 eda080
            half a character at the end,  8181 00000000 c3
            wrong in the next fragment,   0181 00000000 c3 0081 00000000 41
            wrong before the frame ends,  81fe 0100 00000000 41ff
            close reason,                 8883 00000000 03e8ff
            """)
    void invalidUtf8Is1007(String what, String hex) {
        assertFails(what, hex, CloseCode.INVALID_PAYLOAD);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            a byte more,                  82fe 03e9 00000000
            2 to the power of 60,         82ff 1000000000000000 00000000
            over all fragments,           0281 00000000 41 80fe 03e8 00000000
            """)
    void aTooLargeMessageIs1009BeforeItsPayloadArrives(String what, String hex) {
        assertFails(what, hex, CloseCode.MESSAGE_TOO_BIG);
    }

    @Test
    void anAnnouncedLengthAllocatesNoMemory() throws Exception {
        var bytes = HexFormat.of().parseHex("82ff00000000400000000000000041414141");
        var reader = new FrameReader(new Pieces(bytes, new Random(1)), 1 << 30);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        var before = threads.getCurrentThreadAllocatedBytes();
        assertThat(reader.next()).isEqualTo(new Incoming.End());
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
    }

    @Test
    void afterAViolationTheRestIsSkippedUpToTheCloseFrame() throws Exception {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(masked(0x83, new byte[300]));
        bytes.writeBytes(masked(0x81, "not for us".getBytes(UTF_8)));
        bytes.writeBytes(masked(0x88, new byte[0]));
        var source = new Pieces(bytes.toByteArray(), new Random(1));
        var reader = new FrameReader(source, LIMIT);
        assertThatThrownBy(reader::next).isInstanceOf(ProtocolException.class);

        reader.skipToClose();
        assertThat(source.isAtEnd()).isTrue();
        assertThat(source.isReadAfterEnd).isFalse(); // the peer waits for the server now: a read would block
    }

    private static void assertFails(String what, String hex, CloseCode code) {
        var bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (var seed = 0; seed < 20; seed++) {
            var reader = new FrameReader(new Pieces(bytes, new Random(seed)), LIMIT);
            assertThatThrownBy(() -> {
                while (!(reader.next() instanceof Incoming.End)) {
                    // read until the violation
                }
            }).as(what).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.closeCode()).isEqualTo(code));
        }
    }

    /** Returns bytes in pieces of random sizes. */
    private static final class Pieces implements ByteSource {
        private final byte[] bytes;
        private final Random random;
        private int position;
        private boolean isReadAfterEnd;

        Pieces(byte[] bytes, Random random) {
            this.bytes = bytes;
            this.random = random;
        }

        @Override
        public byte[] next() {
            isReadAfterEnd |= isAtEnd();
            var size = Math.min(bytes.length - position, 1 + random.nextInt(random.nextBoolean() ? 4 : 400));
            position += size;
            return Arrays.copyOfRange(bytes, position - size, position);
        }

        boolean isAtEnd() {
            return position == bytes.length;
        }
    }

    /** Random messages and pings, and what a reader should return for them. */
    private static final class Traffic {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final List<Incoming> expected = new ArrayList<>();
        private final Random random;

        Traffic(Random random) {
            this.random = random;
        }

        void addMessage() {
            var text = random.ints(random.nextInt(200), 0, Character.MAX_CODE_POINT)
                    .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            var payload = text.getBytes(UTF_8);
            var isText = random.nextBoolean();
            fragments(isText ? FrameWriter.TEXT : FrameWriter.BINARY, payload);
            expected.add(isText ? new Incoming.Text(text) : new Incoming.Binary(ByteBuffer.wrap(payload)));
        }

        private void fragments(int opcode, byte[] payload) {
            var from = 0;
            for (var first = opcode;; first = 0) {
                var last = random.nextBoolean();
                var to = last ? payload.length : from + random.nextInt(payload.length - from + 1);
                bytes.writeBytes(masked((last ? 0x80 : 0) | first, Arrays.copyOfRange(payload, from, to)));
                if (last) return;
                from = to;
                if (random.nextBoolean()) addPing();
            }
        }

        private void addPing() {
            var payload = new byte[random.nextInt(126)];
            random.nextBytes(payload);
            bytes.writeBytes(masked(0x80 | FrameWriter.PING, payload));
            expected.add(new Incoming.Ping(ByteBuffer.wrap(payload)));
        }
    }
}
