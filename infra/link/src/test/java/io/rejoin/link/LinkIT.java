package io.rejoin.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.Source;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.PagesByPath;
import io.rejoin.listener.http.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of both ends of a stream, over a real socket. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class LinkIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String SECRET = "a-secret-of-a-router";
    private static final Frame.Hello HELLO = new Frame.Hello("edge-1", 2, List.of(new Source(1, 2, 3)));
    private static final int MAX_WAITING = 1 << 20;

    private final RecordingListener events = new RecordingListener();
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private @Nullable Listener listener;

    @AfterEach
    void closeAll() throws Exception {
        for (var each : opened) each.close();
        if (listener != null) listener.close();
        assertThat(fatal).isEmpty();
    }

    @Test
    void framesArriveInTheirOrder() throws IOException {
        start();
        var edge = edge();
        var router = router();
        var large = new byte[3 << 18]; // too large to be joined with other frames
        for (var n = 0; n < 2_000; n++) {
            router.send(LinkFrameCodec.encode(new Frame.Begins(n, 1, null)));
            if (n == 1_000) router.send(LinkFrameCodec.encode(new Frame.Deliveries(large, Map.of(7, "00-a"))));
        }

        for (var n = 0; n < 2_000; n++) {
            assertThat(readFrame(edge)).isEqualTo(new Frame.Begins(n, 1, null));
            if (n == 1_000) {
                var deliveries = (Frame.Deliveries) readFrame(edge);
                assertThat(deliveries.value()).isEqualTo(large);
                assertThat(deliveries.contexts()).isEqualTo(Map.of(7, "00-a"));
            }
        }
    }

    /** Reads the next frame that is not a heartbeat. */
    private static Frame readFrame(RouterStream edge) throws IOException {
        while (true) {
            var frame = Objects.requireNonNull(edge.next());
            if (!(frame instanceof Frame.Alive)) return frame;
        }
    }

    @Test
    void theRouterReceivesHelloAndPositions() throws IOException {
        start(SECRET);
        try (var edge = RouterStream.open(address(), SECRET, HELLO, LONG)) {
            assertThat(router().hello()).isEqualTo(HELLO);
            var sent = List.of(new Frame.Positions(2, List.of()), new Frame.Positions(3, HELLO.positions()));
            for (var each : sent) edge.send(each);

            await().atMost(LONG).untilAsserted(() -> assertThat(events.positions()).isEqualTo(sent));
        }
    }

    @Test
    void theRouterReceivesAppendedRecordsInTheirOrder() throws IOException {
        start();
        var edge = edge();
        for (var n = 0; n < 1_000; n++)
            assertThat(edge.send(new Frame.Appended(3, n, 0, new byte[]{1}, new byte[100], Map.of()))).isTrue();

        await().atMost(LONG).until(() -> events.appended().size() == 1_000);
        assertThat(events.appended()).extracting(Frame.Appended::offset)
                .containsExactlyElementsOf(LongStream.range(0, 1_000).boxed().toList());
    }

    /** The router may be blocked; the edge thread that reports appended records must not block. */
    @Test
    void sendDoesNotBlockWhenTheRouterReadsTooSlowly() throws Exception {
        var release = new CountDownLatch(1);
        events.blockAppended(release);
        start();
        var edge = edge();
        var record = new Frame.Appended(3, 1, 0, new byte[]{1}, new byte[900_000], Map.of());
        var sent = new AtomicInteger();
        while (edge.send(record))
            assertThat(sent.incrementAndGet()).as("sent without a bound").isLessThan(1_000);
        release.countDown();

        await().atMost(LONG).until(() -> events.appended().size() == sent.get());
    }

    @Test
    void anEdgeWithoutTheSecretGetsAnErrorThatNamesTheVariables() throws IOException {
        start(SECRET);

        assertThatThrownBy(() -> open(null)).isInstanceOf(IOException.class).hasMessageContainingAll(
                "requires a secret",
                "EDGE_ROUTER_SECRET", "ROUTER_LINK_SECRET");
        for (var wrong : List.of("another-secret-of-it", SECRET + "x", SECRET.substring(1)))
            assertThatThrownBy(() -> open(wrong)).isInstanceOf(IOException.class)
                    .hasMessageContainingAll("another secret", "EDGE_ROUTER_SECRET").message().doesNotContain(wrong);
        assertThat(events.opened()).isEmpty();
    }

    @Test
    void aRouterWithoutASecretAcceptsEveryEdge() throws IOException {
        start();
        opened.add(open(SECRET));

        assertThat(router().hello()).isEqualTo(HELLO);
    }

    @Test
    void theErrorSaysWhenAServerIsNoRouter() throws IOException {
        start(new Http(new PagesByPath(Map.of())));

        assertThatThrownBy(this::edge).isInstanceOf(IOException.class)
                .hasMessageContainingAll("no router of this version", "404");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 101 Switching Protocols\r\n", "SSH-2.0-OpenSSH_9.9\r\n",
            "HTTP/1.1 200 OK\r\n\r\n"})
    void anyOtherAnswerIsAnError(String answer) throws IOException {
        try (var server = answering(answer, true)) {
            assertThatThrownBy(() -> RouterStream.open(address(server), null, HELLO, LONG))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void anEndlessAnswerIsAnError() throws IOException {
        try (var server = answering("x".repeat(1 << 20), false)) {
            assertThatThrownBy(() -> RouterStream.open(address(server), null, HELLO, LONG))
                    .isInstanceOf(IOException.class).hasMessageContaining("no end");
        }
    }

    @Test
    void openingTimesOutWhenTheRouterDoesNotAnswer() throws IOException {
        try (var server = answering("", false)) {
            assertThatThrownBy(() -> RouterStream.open(address(server), null, HELLO, Duration.ofMillis(100)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aSilentRouterBreaksTheStream() throws IOException {
        try (var server = answering("HTTP/1.1 101 Switching Protocols\r\n\r\n", false);
                var edge = RouterStream.open(address(server), null, HELLO, LONG)) {
            assertThatThrownBy(edge::next).isInstanceOf(IOException.class).hasMessage("the router is silent");
        }
    }

    @Test
    void aFrameThatOnlyEdgesSendBreaksTheStreamOfAnEdge() throws IOException {
        for (var frame : List.of(HELLO, new Frame.Positions(1, List.of()))) {
            var answer = "HTTP/1.1 101 Switching Protocols\r\n\r\n"
                    + new String(LinkFrameCodec.encode(frame), ISO_8859_1);
            try (var server = answering(answer, false);
                    var edge = RouterStream.open(address(server), null, HELLO, LONG)) {
                assertThatThrownBy(edge::next).isInstanceOf(IOException.class).hasMessageContaining("only edges send");
            }
        }
    }

    /** Starts a server that gives this answer to any request. Afterwards it closes the connection or keeps it open. */
    private static ServerSocket answering(String answer, boolean ends) throws IOException {
        var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try (var peer = server.accept()) {
                peer.getInputStream().read();
                peer.getOutputStream().write(answer.getBytes(ISO_8859_1));
                if (!ends) peer.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException _) {
                // the test has ended
            }
        });
        return server;
    }

    private static InetSocketAddress address(ServerSocket server) {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    @Test
    void onlyTheLinkPathAcceptsStreams() throws IOException {
        start();
        var head = " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: rejoin-link-2\r\n\r\n";

        assertThat(Wire.ask(port(), "GET /elsewhere" + head).status()).isEqualTo(404);
        assertThat(Wire.ask(port(), "HEAD /link" + head).status()).isEqualTo(405);
        assertThat(Wire.ask(port(), "GET /link HTTP/1.1\r\nHost: x\r\n\r\n").status()).isEqualTo(404); // by the pages
    }

    @Test
    void anEdgeThatDoesNotReadLosesItsStreamAndSendDoesNotBlock() throws IOException {
        start();
        var edge = edge();
        var router = router();
        var frame = LinkFrameCodec.encode(new Frame.Deliveries(new byte[64 * 1024], Map.of()));
        var sent = 0;
        // sockets hold less, and send must not block
        while (events.ended().isEmpty() && sent++ < 10_000) router.send(frame);
        await().atMost(LONG).untilAsserted(() -> assertThat(events.ended()).containsExactly(router));
        router.send(frame);

        assertThatThrownBy(() -> {
            while (edge.next() != null) {
                // frames that were sent earlier
            }
            throw new IOException("it ended between two frames");
        }).isInstanceOf(IOException.class);
    }

    @Test
    void anEdgeThatDoesNotReadDoesNotDelayOthers() throws IOException {
        start();
        edge();
        var slow = router();
        var other = RouterStream.open(address(), null, new Frame.Hello("edge-2", 1, List.of()), LONG);
        opened.add(other);
        await().atMost(LONG).until(() -> events.opened().size() == 2);
        for (var n = 0; n < 8; n++) slow.send(LinkFrameCodec.encode(new Frame.Deliveries(new byte[1 << 20], Map.of())));
        events.opened().getLast().send(LinkFrameCodec.encode(new Frame.Begins(1, 0, null)));

        assertThat(readFrame(other)).isEqualTo(new Frame.Begins(1, 0, null));
    }

    @Test
    void aSilentEdgeLosesItsStreamWhileFramesAreSentToIt() throws IOException {
        start(new Http(new PagesByPath(Map.of()),
                new LinkServer(null, events, MAX_WAITING, Duration.ofMillis(500))));
        var edge = edge();
        var hasEnded = new AtomicBoolean();
        Thread.ofVirtual().start(() -> {
            try {
                while (edge.next() != null) {
                    // read only, send nothing
                }
            } catch (IOException _) {
                // the router has ended the stream
            } finally {
                hasEnded.set(true);
            }
        });
        var router = router();

        await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> {
            router.send(LinkFrameCodec.encode(new Frame.Alive()));
            return hasEnded.get();
        });
        await().atMost(LONG).untilAsserted(() -> assertThat(events.ended()).containsExactly(router));
    }

    @Test
    void aSilentEdgeLosesItsStreamWhenNothingIsSentToIt() throws IOException {
        start(new Http(new PagesByPath(Map.of()),
                new LinkServer(null, events, MAX_WAITING, Duration.ofMillis(500))));
        edge();

        await().atMost(LONG).until(() -> events.ended().size() == 1);
    }

    @Test
    void aStreamWithoutHelloIsNotReportedToTheListener() throws IOException {
        start();
        var request = "GET /link HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: rejoin-link-2\r\n\r\n";
        for (var first : List.of("GET / HTTP/1.1\r\n\r\n",
                new String(LinkFrameCodec.encode(new Frame.Alive()), US_ASCII),
                new String(LinkFrameCodec.encode(new Frame.Positions(1, List.of())), US_ASCII))) {
            try (var wire = new Wire(port())) {
                wire.send(request);
                assertThat(wire.answer(false).status()).isEqualTo(101);
                wire.send(first);
                assertThat(wire.isAtEnd()).isTrue();
            }
        }
        assertThat(events.opened()).isEmpty();
        assertThat(events.ended()).isEmpty();
    }

    @Test
    void anEdgeThatSendsARouterFrameLosesItsStream() throws IOException {
        start();
        var edge = edge();
        edge.send(new Frame.Begins(1, 0, null));

        await().atMost(LONG).untilAsserted(() -> assertThat(events.ended()).containsExactly(router()));
        assertEnded(edge);
    }

    @Test
    void theRouterNoticesThatAnEdgeClosedItsStream() throws IOException {
        start();
        edge().close();

        await().atMost(LONG).untilAsserted(() -> assertThat(events.ended()).isEqualTo(events.opened()).hasSize(1));
    }

    @Test
    void theEdgeNoticesThatARouterClosedItsStream() throws IOException {
        start();
        var edge = edge();
        router().close();

        assertEnded(edge);
        await().atMost(LONG).untilAsserted(() -> assertThat(events.ended()).containsExactly(router()));
        router().close(); // a second close has no effect
    }

    @Test
    void aStoppingRouterClosesItsStreams() throws IOException {
        start();
        var edge = edge();
        router();
        Objects.requireNonNull(listener).close();

        assertEnded(edge);
        await().atMost(LONG).until(() -> events.ended().size() == 1);
    }

    /** Asserts that the stream ends: between two frames, or with an error of the socket. */
    private static void assertEnded(RouterStream edge) {
        try {
            for (var frame = edge.next(); frame != null; frame = edge.next())
                assertThat(frame).isEqualTo(new Frame.Alive());
        } catch (IOException e) {
            assertThat(e).message().isNotEqualTo("the router is silent");
        }
    }

    @Test
    void anIdleRouterSendsHeartbeats() throws IOException {
        start();
        var edge = edge();
        for (var n = 0; n < 3; n++) assertThat(edge.next()).isEqualTo(new Frame.Alive());
    }

    /** The listener's deadlines apply only to HTTP requests. */
    @Test
    void aStreamOutlivesTheRequestDeadlines() throws IOException {
        var shortTime = Duration.ofMillis(200);
        start(new Http(new PagesByPath(Map.of()), new LinkServer(null, events, MAX_WAITING)),
                new Deadlines(HOUR, shortTime, shortTime, HOUR));
        var edge = edge();
        for (var n = 0; n < 2; n++) assertThat(edge.next()).isEqualTo(new Frame.Alive());
        assertThat(events.ended()).isEmpty();
    }

    private void start() throws IOException {
        start(new Http(new PagesByPath(Map.of()), new LinkServer(null, events, MAX_WAITING)));
    }

    private void start(String secret) throws IOException {
        start(new Http(new PagesByPath(Map.of()), new LinkServer(secret, events, MAX_WAITING)));
    }

    private void start(Http http) throws IOException {
        start(http, Deadlines.USUAL);
    }

    private void start(Http http, Deadlines deadlines) throws IOException {
        var limits = new Listener.Limits(new ConnectionBudget(50, 50), deadlines, Duration.ofSeconds(1));
        var started = new Listener("127.0.0.1", 0, limits, http, fatal::add);
        started.start();
        listener = started;
    }

    private int port() {
        return Objects.requireNonNull(listener).port();
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
    }

    private RouterStream open(@Nullable String secret) throws IOException {
        return RouterStream.open(address(), secret, HELLO, LONG);
    }

    private RouterStream edge() throws IOException {
        var edge = open(null);
        opened.add(edge);
        return edge;
    }

    /** Waits for the first stream, and returns the router's end. */
    private EdgeStream router() {
        await().atMost(LONG).until(() -> !events.opened().isEmpty());
        return events.opened().getFirst();
    }
}
