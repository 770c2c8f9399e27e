package io.rejoin.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkFrameCodecTest {
    private static final List<Source> POSITIONS = List.of(new Source(0, 7, 1), new Source(3, Long.MAX_VALUE, 0));

    @ParameterizedTest
    @MethodSource("frames")
    void aFrameIsDecodedAsItWasEncoded(Frame frame) throws IOException {
        assertThat(read(LinkFrameCodec.encode(frame))).isEqualTo(frame);
    }

    private static List<Frame> frames() {
        return List.of(new Frame.Hello("edge-1", 1, List.of()), new Frame.Hello("edge-1", 1, POSITIONS, "log"),
                new Frame.Hello("edge-1", 2, POSITIONS),
                new Frame.Positions(Long.MAX_VALUE, POSITIONS), new Frame.Begins(3, 0, null),
                new Frame.Begins(3, 2, new Source(3, 4, 5)), new Frame.Ends(3), new Frame.Alive());
    }

    @Test
    void deliveriesAreDecodedWithTheirContexts() throws IOException {
        var contexts = Map.of(0, "00-a", 255, "", 256, "00-b", 65_535, "x".repeat(255));
        for (var value : List.of("", "{}", "\u00e4\u0000\n")) {
            var read = deliveries(new Frame.Deliveries(value.getBytes(UTF_8), contexts));

            assertThat(read.value()).isEqualTo(value.getBytes(UTF_8));
            assertThat(read.contexts()).isEqualTo(contexts);
        }
        assertThat(deliveries(new Frame.Deliveries(new byte[]{1}, Map.of())).contexts()).isEmpty();
    }

    @Test
    void anAppendedRecordIsDecodedAsItWasEncoded() throws IOException {
        var contexts = Map.of(0, "00-a", 65_535, "x".repeat(255));
        for (var key : List.of("", "room", "\u00e4".repeat(30_000))) {
            var frame = new Frame.Appended(11, Long.MAX_VALUE, -1, key.getBytes(UTF_8), "{}".getBytes(UTF_8), contexts);
            var read = (Frame.Appended) Objects.requireNonNull(read(LinkFrameCodec.encode(frame)));

            assertThat(read.partition()).isEqualTo(11);
            assertThat(read.offset()).isEqualTo(Long.MAX_VALUE);
            assertThat(read.ts()).isEqualTo(-1);
            assertThat(read.key()).isEqualTo(key.getBytes(UTF_8));
            assertThat(read.value()).isEqualTo("{}".getBytes(UTF_8));
            assertThat(read.contexts()).isEqualTo(contexts);
        }
    }

    @Test
    void aKeyThatIsTooLargeIsRefused() {
        assertThatThrownBy(() -> new Frame.Appended(1, 2, 3, new byte[65_536], new byte[0], Map.of()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("65536");
    }

    @Test
    void aFrameIsCompleteOnceAllItsBytesArrived() throws IOException {
        var first = LinkFrameCodec.encode(new Frame.Ends(7));
        var bytes = Arrays.copyOf(first, first.length + 3);
        for (var length = 0; length < first.length; length++)
            assertThat(LinkFrameCodec.hasCompleteFrame(new ByteArrayInputStream(bytes, 0, length)))
                    .as("%d bytes", length).isFalse();

        var in = new ByteArrayInputStream(bytes);
        assertThat(LinkFrameCodec.hasCompleteFrame(in)).isTrue();
        assertThat(LinkFrameCodec.read(in)).as("the check consumes no byte").isEqualTo(new Frame.Ends(7));
        assertThat(LinkFrameCodec.hasCompleteFrame(in)).isFalse();
    }

    /** A trace context that is too long must not cause the loss of a delivery. */
    @Test
    void aTooLongContextIsTruncated() throws IOException {
        var read = deliveries(new Frame.Deliveries(new byte[]{1}, Map.of(1, "x".repeat(1_000))));

        assertThat(read.value()).containsExactly(1);
        assertThat(read.contexts()).isEqualTo(Map.of(1, "x".repeat(255)));
    }

    private static Frame.Deliveries deliveries(Frame.Deliveries frame) throws IOException {
        return (Frame.Deliveries) Objects.requireNonNull(read(LinkFrameCodec.encode(frame)));
    }

    @Test
    void oneFrameFollowsAnotherUntilTheStreamEnds() throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (var frame : frames()) bytes.writeBytes(LinkFrameCodec.encode(frame));
        var in = new ByteArrayInputStream(bytes.toByteArray());

        for (var frame : frames()) assertThat(LinkFrameCodec.read(in)).isEqualTo(frame);
        assertThat(LinkFrameCodec.read(in)).isNull();
    }

    @Test
    void theLargestFrameIsRead() throws IOException {
        var value = new byte[LinkFrameCodec.MAX_BYTES_FROM_ROUTER - 3];

        assertThat(deliveries(new Frame.Deliveries(value, Map.of())).value()).hasSameSizeAs(value);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, LinkFrameCodec.MAX_BYTES_FROM_ROUTER + 1, Integer.MAX_VALUE})
    void anInvalidLengthIsAnError(int length) {
        var bytes = ByteBuffer.allocate(100).putInt(length).put((byte) 'A').array();

        assertThatThrownBy(() -> read(bytes)).isInstanceOf(IOException.class).hasMessageContaining("invalid length");
    }

    @Test
    void aTruncatedFrameIsAnError() {
        for (var frame : List.of(new Frame.Hello("edge-1", 2, POSITIONS),
                new Frame.Appended(1, 2, 3, new byte[]{4}, new byte[]{5}, Map.of(1, "00-a")),
                new Frame.Deliveries(new byte[]{1, 2}, Map.of(1, "00-a")))) {
            var bytes = LinkFrameCodec.encode(frame);
            for (var length = 1; length < bytes.length; length++) {
                var cut = Arrays.copyOf(bytes, length);
                assertThatThrownBy(() -> read(cut)).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void anUnknownKindIsNamedInTheError() {
        assertThatThrownBy(() -> read(frame('Z', "{}"))).isInstanceOf(IOException.class)
                .hasMessageContaining("unknown kind of frame: 90");
    }

    @ParameterizedTest
    @ValueSource(strings = {"H", "Hnull", "H{}", "H[]", "H{\"edge\":\"e\",\"incarnation\":1}",
            "H{\"edge\":null,\"incarnation\":1,\"positions\":[]}",
            "H{\"edge\":\"e\",\"incarnation\":1,\"positions\":[\"nowhere\"]}",
            "H{\"edge\":\"e\",\"incarnation\":1,\"positions\":[null]}",
            "R{\"incarnation\":\"x\",\"positions\":[]}", "Rnull", "B{}", "B{\"partition\":1e99,\"incarnation\":0}",
            "B{\"partition\":1,\"incarnation\":0,\"after\":7}", "D", "D\u0000", "D\u0000\u0001",
            "D\u0000\u0001\u0000\u0000\u0005abc", "D\u007f\u007f", "P",
            "P\u0000\u0000\u0000\u0001", "P0123456789012345678\u0000\u0000", "P01234567890123456789\u0000\u0005abc"})
    void anUnreadableFrameIsAnIOException(String text) {
        assertThatThrownBy(() -> read(frame(text.charAt(0), text.substring(1)))).isInstanceOf(IOException.class);
    }

    @Test
    void anUnknownFieldIsIgnored() throws IOException {
        assertThat(read(frame('B', "{\"partition\":1,\"incarnation\":2,\"after\":\"1:2:3\",\"new\":{}}")))
                .isEqualTo(new Frame.Begins(1, 2, new Source(1, 2, 3)));
    }

    /** Random bytes, from a fixed seed, are read as frames or break the stream with an {@link IOException}. */
    @Test
    void randomBytesAreReadOrGiveAnIOException() {
        var random = new Random(1);
        var kinds = "HRBDPAZ";
        for (var n = 0; n < 20_000; n++) {
            var body = new byte[random.nextInt(40)];
            random.nextBytes(body);
            var kind = kinds.charAt(random.nextInt(kinds.length()));
            var bytes = random.nextBoolean() ? body : frame(kind, new String(body, US_ASCII));
            try {
                read(bytes);
            } catch (IOException _) {
                // expected; any other exception fails the test
            }
        }
    }

    private static byte[] frame(char kind, String body) {
        var bytes = body.getBytes(UTF_8);
        return ByteBuffer.allocate(5 + bytes.length).putInt(1 + bytes.length).put((byte) kind).put(bytes).array();
    }

    private static @Nullable Frame read(byte[] bytes) throws IOException {
        return LinkFrameCodec.read(new ByteArrayInputStream(bytes));
    }
}
