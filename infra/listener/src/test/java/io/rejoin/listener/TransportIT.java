package io.rejoin.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.Upgrade;
import io.rejoin.listener.tls.CertificateFiles;
import io.rejoin.listener.tls.Pem;
import io.rejoin.listener.tls.Tls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransportIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final byte[] ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\n\r\n".getBytes(US_ASCII);
    private static final String HANDSHAKE = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: bytes\r\n\r\n";
    /** More bytes than the sockets' buffers hold while nobody reads. */
    private static final int MUCH = 32 * 1024 * 1024;

    @TempDir
    private Path folder;
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<Conversation> begun = new LinkedBlockingQueue<>();
    private @Nullable Listener listener;

    @AfterEach
    void end() {
        if (listener != null) listener.close();
        assertThat(fatal).isEmpty();
    }

    /** Records all that a transport reports about a connection. */
    private static final class Conversation implements Transport.Handler {
        private final Transport transport;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private final AtomicInteger ended = new AtomicInteger();
        private volatile ByteBuffer unwritten = ByteBuffer.allocate(0);

        Conversation(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void handle(Limit limit) {
            transport.begin(this);
        }

        @Override
        public void received(byte[] bytes) {
            synchronized (received) {
                received.writeBytes(bytes);
            }
        }

        @Override
        public void ended() {
            ended.incrementAndGet();
        }

        @Override
        public void writable() {
            try {
                transport.write(unwritten);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String text() {
            synchronized (received) {
                return received.toString(US_ASCII);
            }
        }

        int size() {
            synchronized (received) {
                return received.size();
            }
        }

        @Override
        public Duration idleTime() {
            return Duration.ZERO;
        }

        @Override
        public void close(boolean interrupt) {
            transport.abort();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatComesIsHandedOverAlsoWhatCameWithTheHandshake(boolean encrypted) throws Exception {
        try (var client = connect(encrypted, HANDSHAKE + "early,")) {
            var conversation = conversation();
            await().atMost(LONG).until(() -> conversation.text().equals("early,"));
            send(client, "late");
            await().atMost(LONG).until(() -> conversation.text().equals("early,late"));

            write(conversation, "answer");
            assertThat(new String(client.getInputStream().readNBytes(6), US_ASCII)).isEqualTo("answer");
            assertThat(listener().connections()).isOne();
            assertThat(listener().plainConnections()).isZero();
            conversation.transport.end();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(conversation.ended).hasValue(1);
            assertThat(listener().connections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatDoesNotReadIsWrittenToOnceItDoes(boolean encrypted) throws Exception {
        try (var client = connect(encrypted, HANDSHAKE)) {
            var conversation = conversation();
            var much = ByteBuffer.allocate(MUCH);
            for (var i = 0; i < MUCH; i++) much.put(i, (byte) (i % 251));
            conversation.unwritten = much;
            assertThat(conversation.transport.write(much)).isFalse();
            assertThat(ByteBuffer.wrap(client.getInputStream().readNBytes(MUCH))).isEqualTo(much.duplicate().clear());
            await().atMost(LONG).until(() -> !much.hasRemaining());
            conversation.transport.end();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsReadInAPause(boolean encrypted) throws Exception {
        try (var client = connect(encrypted, HANDSHAKE)) {
            var conversation = conversation();
            send(client, "first");
            await().atMost(LONG).until(() -> conversation.text().equals("first"));
            conversation.transport.pause();
            var sender = Thread.ofVirtual().start(() -> send(client, "x".repeat(MUCH)));
            assertThat(sender.join(Duration.ofMillis(300))).as("it gets rid of all").isFalse();
            assertThat(conversation.size()).isLessThan(MUCH / 2);
            conversation.transport.readOn();
            await().atMost(LONG).until(() -> conversation.size() == MUCH + 5);
            sender.join();
            conversation.transport.end();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfAClientIsToldOnce(boolean encrypted) throws Exception {
        var client = connect(encrypted, HANDSHAKE);
        var conversation = conversation();
        client.close();
        await().atMost(LONG).untilAsserted(() -> assertThat(conversation.ended).hasValue(1));
        conversation.transport.abort();
        assertThat(listener().connections()).isOne();
        conversation.transport.end();
        assertThat(conversation.ended).hasValue(1);
        assertThat(listener().connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAbortEndsAWriteToAClientThatDoesNotRead(boolean encrypted) throws Exception {
        try (var client = connect(encrypted, HANDSHAKE)) {
            var conversation = conversation();
            conversation.transport.write(ByteBuffer.allocate(MUCH));
            conversation.transport.abort();
            await().atMost(LONG).untilAsserted(() -> assertThat(conversation.ended).hasValue(1));
            conversation.transport.end();
            assertThat(listener().connections()).isZero();
            assertThat(client.isConnected()).isTrue(); // the client sees the end only when it reads
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theListenersEndIsToldToo(boolean encrypted) throws Exception {
        try (var client = connect(encrypted, HANDSHAKE)) {
            var conversation = conversation();
            listener().close();
            await().atMost(LONG).untilAsserted(() -> assertThat(conversation.ended).hasValue(1));
            assertThat(client.isConnected()).isTrue();
        }
    }

    private Conversation conversation() throws InterruptedException {
        var next = begun.poll(LONG.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private static void write(Conversation conversation, String text) throws IOException {
        conversation.transport.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    }

    private static void send(Socket client, String text) {
        try {
            client.getOutputStream().write(text.getBytes(US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket connect(boolean encrypted, String request) throws IOException {
        start(encrypted ? CertificateFiles.read(Pem.put(folder, "ec.pem", "ec.key"), HOUR, Clock.systemUTC()) : null);
        var client = encrypted
                ? Pem.trusting("ec.pem").getSocketFactory().createSocket(InetAddress.getLoopbackAddress(),
                        listener().port())
                : new Socket(InetAddress.getLoopbackAddress(), listener().port());
        client.setSoTimeout((int) LONG.toMillis());
        send(client, request);
        assertThat(head(client.getInputStream())).isEqualTo(ACCEPTED);
        return client;
    }

    private static byte[] head(InputStream in) throws IOException {
        return in.readNBytes(ACCEPTED.length);
    }

    private void start(@Nullable Tls tls) throws IOException {
        listener = new Listener("127.0.0.1", 0,
                new Listener.Limits(new ConnectionBudget(100, 100), Deadlines.USUAL, Duration.ofMillis(100)), tls,
                new Http((_, _) -> {}, new Bytes()), fatal::add);
        listener.start();
    }

    private Listener listener() {
        return Objects.requireNonNull(listener);
    }

    private final class Bytes implements Upgrade {
        @Override
        public String protocol() {
            return "bytes";
        }

        @Override
        public ServerConnection upgrade(ConnectionContext ctx, RequestHead request) {
            try {
                ctx.dataWriter().writeNow(BufferData.create(ACCEPTED));
                var conversation = new Conversation(Listener.transport());
                begun.add(conversation);
                return conversation;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
