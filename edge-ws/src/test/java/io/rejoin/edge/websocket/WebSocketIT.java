package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.edge.websocket.RawClient.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests messages, closing and lost connections over loopback, with a client that can break every rule. */
class WebSocketIT {
    private static final int MESSAGE = 64 * 1024;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Recorder recorder = new Recorder();
    private final TestServer server = new TestServer(_ -> recorder,
            new WebSocketLimits(MESSAGE, 256 * 1024, TestServer.ANY_RATE, TestServer.MEMORY, Duration.ofSeconds(2)));

    private final RawClient client;

    WebSocketIT() throws IOException {
        client = RawClient.open(server.port(), "/");
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void fragmentsMakeOneMessageWithPingsAnsweredInBetween() throws IOException {
        var euro = "€".getBytes(UTF_8);
        client.send(RawClient.masked(FrameWriter.TEXT, Arrays.copyOf(euro, 1)));
        client.send(RawClient.masked(0x80 | FrameWriter.PING, "still there?".getBytes(UTF_8)));
        assertThat(client.read()).isEqualTo(new Frame(FrameWriter.PONG, "still there?"));
        client.send(RawClient.masked(0x80, Arrays.copyOfRange(euro, 1, 3)));
        client.send(RawClient.masked(0x80 | FrameWriter.BINARY, new byte[MESSAGE]));
        client.closeWith(1000);

        assertThat(client.read()).isEqualTo(Frame.close(1000, ""));
        assertThat(recorder.callsAtEnd()).containsExactly("open", "text €", "binary " + MESSAGE, "closed");
    }

    @Test
    void theClientsCloseIsEchoedAndTheServerEndsTheConnection() throws IOException {
        client.closeWith(4000);
        assertThat(client.read()).isEqualTo(Frame.close(4000, ""));
        assertThat(client.isAtEnd()).isTrue();
    }

    @Test
    void aCloseWithoutACodeIsEchoedWithoutOne() throws IOException {
        client.send(RawClient.masked(0x88, new byte[0]));
        assertThat(client.read()).isEqualTo(new Frame(FrameWriter.CLOSE, ""));
        assertThat(client.isAtEnd()).isTrue();
    }

    @Test
    void theServersCloseFollowsQueuedFramesAndLaterMessagesAreIgnored() throws IOException {
        recorder.socket().offerMessage(FrameWriter.text("last words".getBytes(UTF_8)));
        recorder.socket().close(4401, "the token has expired");
        assertThat(recorder.socket().isOpen()).isFalse();
        assertThat(recorder.socket().offerReply(FrameWriter.ping())).isFalse();
        client.sendText("too late");

        assertThat(client.read()).isEqualTo(Frame.text("last words"));
        assertThat(client.read()).isEqualTo(Frame.close(4401, "the token has expired"));
        client.closeWith(4401);
        assertThat(client.isAtEnd()).isTrue();
        assertThat(recorder.callsAtEnd()).containsExactly("open", "closed");
    }

    @Test
    void aClientThatDoesNotAnswerACloseIsDropped() throws IOException {
        recorder.socket().close(1012, "");
        assertThat(client.read()).isEqualTo(Frame.close(1012, ""));
        assertThat(client.isAtEnd()).isTrue();
        assertThat(recorder.callsAtEnd()).containsExactly("open", "closed");
    }

    @Test
    void aMessageOverTheLimitIs1009() throws IOException {
        client.send(RawClient.masked(FrameWriter.BINARY, new byte[MESSAGE - 1]));
        client.send(RawClient.masked(0x80, new byte[2]));
        assertThat(client.read()).isEqualTo(Frame.close(1009, "a message may have at most 65536 bytes"));
        client.closeWith(1009);
        assertThat(client.isAtEnd()).isTrue();
        assertThat(recorder.callsAtEnd()).containsExactly("open", "closed");
    }

    @Test
    void aViolationIsAnsweredEvenWhileTheClientKeepsSending() throws IOException {
        client.send(RawClient.masked(0x83, new byte[60_000]));
        for (var i = 0; i < 100; i++) {
            client.sendText("x".repeat(1_000));
        }
        assertThat(client.read()).isEqualTo(Frame.close(1002, "reserved opcode 3"));
        client.closeWith(1002);
        assertThat(client.isAtEnd()).isTrue();
    }

    @Test
    void aListenerThatFailsClosesItsConnectionWith1011() throws IOException {
        client.sendText("fail");
        assertThat(client.read()).isEqualTo(Frame.close(1011, "internal error"));
        client.closeWith(1011);
        assertThat(recorder.callsAtEnd()).containsExactly("open", "text fail", "closed");
    }

    @Test
    void aLostPeerIsReportedAsClosed() throws IOException {
        client.sendText("hello");
        client.reset();
        assertThat(recorder.callsAtEnd()).startsWith("open").endsWith("closed");
        assertThat(recorder.socket().isOpen()).isFalse();
    }

    @Test
    void aPeerThatLeavesWithoutACloseFrameIsReportedAsClosed() throws IOException {
        client.send(Arrays.copyOf(RawClient.masked(0x81, new byte[10]), 9));
        client.close();
        assertThat(recorder.callsAtEnd()).containsExactly("open", "closed");
    }

    @ParameterizedTest
    @CsvSource({"1000, false", "4000, false", "1001, true"})
    void aNormalCloseOfTheClientIsFinal(int code, boolean mayReturn) throws IOException {
        client.closeWith(code);
        assertThat(recorder.mayReturnAtEnd()).isEqualTo(mayReturn);
    }

    @Test
    void aCloseWithoutACodeIsFinal() throws IOException {
        client.send(RawClient.masked(0x88, new byte[0]));
        assertThat(recorder.mayReturnAtEnd()).isFalse();
    }

    @Test
    void aClientWithALostConnectionMayReturn() throws IOException {
        client.sendText("hello");
        client.reset();
        assertThat(recorder.mayReturnAtEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1012, true", "1013, true", "4401, true", "1008, false", "4403, false"})
    void aClientThatIsAskedToReconnectMayReturn(int code, boolean mayReturn) throws IOException {
        recorder.socket().close(code, "");
        client.closeWith(1000);
        assertThat(recorder.mayReturnAtEnd()).isEqualTo(mayReturn);
    }

    @Test
    void aPongUpdatesLastReceivedAt() throws IOException {
        var before = recorder.socket().lastReceivedAt();
        recorder.socket().ping();
        assertThat(client.read()).isEqualTo(new Frame(FrameWriter.PING, ""));
        client.send(RawClient.masked(0x80 | FrameWriter.PONG, new byte[0]));
        await().atMost(PATIENCE).until(() -> recorder.socket().lastReceivedAt() - before > 0);
    }

    @Test
    void manyQueuedMessagesArriveInOrder() throws IOException {
        for (var i = 0; i < 1_000; i++) {
            var text = "message " + i;
            assertThat(recorder.socket().offerMessage(FrameWriter.text(text.getBytes(UTF_8)))).isTrue();
        }
        for (var i = 0; i < 1_000; i++) {
            assertThat(client.read()).isEqualTo(Frame.text("message " + i));
        }
    }

    /**
     * A server that stops interrupts the readers. That may end a connection before its 1001 is sent. A real edge drains
     * first.
     */
    @Test
    void aStoppingServerEndsItsConnections() throws IOException {
        recorder.socket();
        server.close();
        assertThat(client.readRemaining()).isIn("", "\u0088\u001a\u0003\u00e9the server is going away");
        assertThat(recorder.callsAtEnd()).containsExactly("open", "closed");
    }
}
