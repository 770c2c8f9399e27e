package io.rejoin.e2e.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.e2e.chaos.Wire.Delay;
import io.rejoin.e2e.chaos.Wire.Direction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the proxy between a client and an echo server. */
@Timeout(120)
class ProxyTest {
    private static final int SOON = 60_000;
    private static final int NOT_YET = 300;

    private ServerSocket echo;
    private Thread acceptor;
    private Proxy proxy;

    @BeforeEach
    void begin() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        acceptor = Thread.ofVirtual().start(() -> accept(echo));
        proxy = new Proxy(0, echo.getLocalPort());
    }

    @AfterEach
    void end() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void bytesPassUnchangedAndSoDoesTheEnd() throws Exception {
        var sent = new byte[3_000_000];
        new Random(1).nextBytes(sent);
        try (var client = connect()) {
            var writer = Thread.ofVirtual().start(() -> {
                try {
                    client.getOutputStream().write(sent);
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
            writer.join();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> proxy.connections() == 0);
    }

    @Test
    void whatIsSentIntoACutWireArrivesWhenItIsMended() throws Exception {
        for (var direction : Direction.values()) {
            try (var client = connect()) {
                assertThat(say(client, "before")).isEqualTo("before");
                proxy.wire().cut(EnumSet.of(direction));
                client.getOutputStream().write("hello".getBytes(UTF_8));
                client.setSoTimeout(NOT_YET);
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

                proxy.wire().mend();

                client.setSoTimeout(SOON);
                assertThat(client.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(UTF_8));
            }
        }
    }

    @Test
    void aConnectionOpenedIntoACutWireWorksOnceItIsMended() throws Exception {
        proxy.wire().cut(Set.of(Direction.TO_SERVER));
        try (var client = connect()) {
            client.getOutputStream().write("hello".getBytes(UTF_8));
            client.setSoTimeout(NOT_YET);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            proxy.wire().mend();
            client.setSoTimeout(SOON);
            assertThat(client.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(UTF_8));
        }
    }

    @Test
    void bytesAreDelayedBothWaysAndStayInOrder() throws Exception {
        proxy.wire().delay(new Delay(Duration.ofMillis(50), Duration.ofMillis(100)));
        try (var client = connect()) {
            var begun = System.nanoTime();
            for (var word : new String[]{"one", "two", "three"}) client.getOutputStream().write(word.getBytes(UTF_8));
            assertThat(client.getInputStream().readNBytes(11)).isEqualTo("onetwothree".getBytes(UTF_8));
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        }
    }

    @Test
    void tornConnectionsAreResetAndTheNextOneWorks() throws Exception {
        try (var client = connect()) {
            assertThat(say(client, "before")).isEqualTo("before");
            proxy.reset();
            assertThatThrownBy(() -> say(client, "after")).isInstanceOf(SocketException.class);
        }
        try (var client = connect()) {
            assertThat(say(client, "again")).isEqualTo("again");
        }
    }

    @Test
    void withoutAServerTheClientIsTurnedAway() throws Exception {
        echo.close();
        acceptor.join(); // until then, it may accept one more connection
        try (var client = connect()) {
            assertThatThrownBy(() -> say(client, "anybody")).isInstanceOf(SocketException.class);
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(SOON);
        return socket;
    }

    private static String say(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(UTF_8));
        var answer = client.getInputStream().readNBytes(text.length());
        if (answer.length < text.length()) throw new SocketException("ended");
        return new String(answer, UTF_8);
    }

    private static void accept(ServerSocket server) {
        try {
            while (true) {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        var _ = socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException _) { // torn
                    }
                });
            }
        } catch (IOException _) { // closed
        }
    }
}
