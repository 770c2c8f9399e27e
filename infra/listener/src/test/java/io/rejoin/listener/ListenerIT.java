package io.rejoin.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.Site;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class ListenerIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(20);
    /** The deadline under test, short to keep the tests short. Deadlines that are not under test last an hour. */
    private static final Duration SHORT = Duration.ofMillis(400);
    /** Long enough for a listener to read a head, even the very first one, on a loaded machine. */
    private static final Duration TIME_TO_READ = Duration.ofSeconds(3);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Deadlines REQUEST = new Deadlines(SHORT, HOUR, HOUR, HOUR);

    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final CountDownLatch held = new CountDownLatch(1);
    private final List<Peer> peers = new ArrayList<>();
    private final FlakyServerSocket socket = FlakyServerSocket.create();
    private @Nullable Listener started;

    @AfterEach
    void end() throws IOException {
        held.countDown();
        for (var peer : peers) peer.close();
        listener().close();
        assertThat(fatal).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Too many open files", "Too many open files in system", "Cannot allocate memory",
            "Software caused connection abort", "Operation not permitted", "Protocol error"})
    void itOutlivesAcceptsThatFail(String cause) throws IOException {
        start(100, Deadlines.USUAL);
        var before = peer().send(Peer.head("/held"));
        await().atMost(LONG).until(() -> listener().connections() == 1);

        socket.fail(new SocketException(cause), 5);
        new Peer(listener().port()).close(); // wakes the waiting accept()
        await().atMost(LONG).until(socket::hasFailed);

        assertThat(Peer.get(listener().port(), "/hello")).startsWith("HTTP/1.1 200 ");
        held.countDown();
        assertThat(before.readUntil("held")).startsWith("HTTP/1.1 200 "); // the earlier connection is still served
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nX",
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n", "\u0016\u0003\u0001\u0002\u0000\u0001"})
    void aRequestThatDoesNotComeWholeEnds(String beginning) throws IOException {
        start(100, REQUEST);
        var peer = peer().send(beginning);

        assertThat(peer.isEnded()).isTrue();
        awaitEmpty();
    }

    @Test
    void oneByteNowAndThenExtendsNothing() throws IOException {
        start(100, REQUEST);
        var peer = peer();
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> {
            sendOrBeGone(peer, "G");
            assertThat(listener().connections()).isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 5", "Transfer-Encoding: chunked"})
    void aBodyThatDoesNotComeEnds(String header) throws IOException {
        start(100, REQUEST);
        assertThat(peer().send(Peer.head("/hello", header)).isEnded()).isTrue();
        awaitEmpty();
    }

    @Test
    void aConnectionWithoutRequestsEnds() throws IOException {
        start(100, new Deadlines(HOUR, HOUR, SHORT, HOUR));
        var peer = peer().send(Peer.head("/hello"));
        peer.readUntil("hello");
        assertThat(peer.isEnded()).isTrue();
        awaitEmpty();
    }

    @Test
    void anAnswerThatIsNotReadEnds() throws IOException {
        start(100, new Deadlines(HOUR, HOUR, HOUR, SHORT));
        peer().send(Peer.head("/large"));
        awaitEmpty();
    }

    @Test
    void manyRequestsOfWhichNoAnswerIsReadEnd() throws IOException {
        start(100, new Deadlines(HOUR, HOUR, HOUR, SHORT));
        var peer = peer();
        await().atMost(LONG).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).untilAsserted(() -> {
            sendOrBeGone(peer, Peer.head("/large").repeat(3));
            assertThat(listener().connections()).isZero();
        });
    }

    @Test
    void anAnswerThatIsHeldBackIsGivenItsTime() throws IOException {
        start(100, new Deadlines(TIME_TO_READ, HOUR, HOUR, HOUR));
        var slow = peer().send(Peer.head("/held"));
        assertThat(peer().isEnded()).isTrue(); // a silent connection passes its deadline meanwhile
        held.countDown();
        assertThat(slow.readUntil("held")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void whoeverDoesNothingMakesRoomForTheOthers() throws IOException {
        start(4, Deadlines.USUAL);
        for (var i = 0; i < 20; i++) peer().send("GET /");
        for (var i = 0; i < 5; i++) assertThat(Peer.get(listener().port(), "/hello")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void nobodyMakesRoomWhoIsBeingAnswered() throws IOException {
        start(2, Deadlines.USUAL);
        var busy = List.of(peer().send(Peer.head("/held")), peer().send(Peer.head("/held")));
        await().atMost(LONG).until(() -> listener().plainConnections() == 2);
        var third = peer().send(Peer.head("/hello"));
        await().pollDelay(Duration.ofMillis(1500)).until(() -> listener().connections() == 2);
        held.countDown();
        for (var each : busy) each.readUntil("held");
        assertThat(third.readUntil("hello")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void whoeverComesAndGoesLeavesNothing() throws IOException {
        start(50, Deadlines.USUAL);
        for (var i = 0; i < 500; i++) {
            var peer = new Peer(listener().port());
            if (i % 3 == 1) peer.send("GET / HT");
            if (i % 3 == 2) peer.send(Peer.head("/large"));
            peer.reset();
        }
        awaitEmpty();
        assertThat(Peer.get(listener().port(), "/hello")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aRefusalIsReadThoughMoreWasSent() throws IOException {
        start(100, Deadlines.USUAL);
        var peer = peer().send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(200_000));
        assertThat(peer.readAll()).startsWith("HTTP/1.1 4");
        peer.close();
        awaitEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET /hello HTTP/1.0\r\n\r\n", "GET /hello HTTP/1.0\r\nConnection: close\r\n\r\n"})
    void whereTheClientWantsOneAnswerTheServerEnds(String request) throws IOException {
        start(100, Deadlines.USUAL);
        var peer = peer().send(request);
        assertThat(peer.readAll()).startsWith("HTTP/1.1 200 ").contains("Connection: close").endsWith("hello");
        peer.close();
        awaitEmpty();
    }

    @Test
    void whatIsUnderWayIsAnsweredBeforeTheEnd() throws Exception {
        start(100, Deadlines.USUAL);
        var idle = peer().send(Peer.head("/hello"));
        idle.readUntil("hello");
        var silent = peer();
        var busy = peer().send(Peer.head("/held"));
        await().atMost(LONG).until(() -> listener().connections() == 3);
        var closing = Thread.ofVirtual().start(listener()::close);

        assertThat(idle.isEnded()).isTrue();
        assertThat(silent.isEnded()).isTrue();
        held.countDown();
        assertThat(busy.readUntil("held")).startsWith("HTTP/1.1 200 ");
        assertThat(closing.join(LONG)).isTrue();
        assertThat(listener().connections()).isZero();
    }

    @Test
    void aPortThatIsTakenIsSaid() throws IOException {
        start(100, Deadlines.USUAL);
        var second = new Listener("127.0.0.1", listener().port(),
                new Listener.Limits(new ConnectionBudget(0, 1), Deadlines.USUAL, GRACE),
                new Http(this::answer), fatal::add);
        assertThatThrownBy(second::start).isInstanceOf(IOException.class)
                .hasMessageContaining("in use");
        second.close();
    }

    private void start(int plain, Deadlines deadlines) throws IOException {
        var listener = new Listener("127.0.0.1", 0,
                new Listener.Limits(new ConnectionBudget(0, plain), deadlines, GRACE),
                new Http(this::answer), fatal::add);
        listener.start(socket);
        started = listener;
    }

    private void answer(RequestHead request, Site.Reply reply) throws InterruptedException {
        if (request.path().equals("/held")) held.await();
        var body = request.path().equals("/large")
                ? new byte[16 * 1024 * 1024]
                : request.path().substring(1).getBytes(UTF_8);
        reply.send(Answer.of(200, Map.of(), body));
    }

    private static void sendOrBeGone(Peer peer, String text) {
        try {
            peer.send(text);
        } catch (IOException _) {
            // the listener has ended the connection
        }
    }

    private Listener listener() {
        return Objects.requireNonNull(started);
    }

    private Peer peer() throws IOException {
        var peer = new Peer(listener().port());
        peers.add(peer);
        return peer;
    }

    private void awaitEmpty() {
        await().atMost(LONG).untilAsserted(() -> assertThat(listener().connections()).isZero());
        assertThat(listener().plainConnections()).isZero();
    }
}
