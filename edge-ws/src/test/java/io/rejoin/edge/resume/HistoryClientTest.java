package io.rejoin.edge.resume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class HistoryClientTest {
    private static final String SECRET = "a-shared-secret-of-ours";
    private static final RoomId ROOM = new RoomId("default", "a b/c");

    private volatile ReplayPage page = new ReplayPage(ROOM, 1, 9, List.of(), null);
    private final Queue<String> queries = new ConcurrentLinkedQueue<>();
    private final CountDownLatch answers = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<String> authorizations = new ConcurrentLinkedQueue<>();
    private volatile int status = 200;
    private volatile @Nullable String installation = "topic-a";
    private volatile String erasures = "0";
    private final AtomicInteger erasuresReported = new AtomicInteger();
    private HttpServer server;
    private HistoryClient client;

    HistoryClientTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        client = new HistoryClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/history/"),
                SECRET, "topic-a", erasuresReported::incrementAndGet);
    }

    @BeforeEach
    void serve() {
        server.setExecutor(threads);
        server.createContext("/history/v1/messages", exchange -> {
            queries.add(exchange.getRequestURI().getRawQuery());
            awaitUninterruptibly();
            var body = status == 200 ? ReplayCodec.write(limited(exchange)) : "no".getBytes(UTF_8);
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            if (installation != null) exchange.getResponseHeaders().set("Rejoin-Installation", installation);
            exchange.getResponseHeaders().set("Rejoin-Erasures", erasures);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private ReplayPage limited(HttpExchange exchange) {
        var limit = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*limit=([0-9]+).*", "$1"));
        return new ReplayPage(page.room(), page.epoch(), page.head(),
                page.messages().subList(0, Math.min(limit, page.messages().size())), page.next());
    }

    @AfterEach
    void stop() {
        answers.countDown();
        client.close();
        server.stop(0);
        threads.close();
    }

    @Test
    void identicalConcurrentReadsShareOneRequest() throws Exception {
        var first = threads.submit(() -> client.read(ROOM, 1, 5, 9, 200));
        await().atMost(Duration.ofSeconds(30)).until(() -> !queries.isEmpty());
        var second = threads.submit(() -> client.read(ROOM, 1, 5, 9, 200));
        var other = threads.submit(() -> client.read(ROOM, 1, 6, 9, 200));
        await().atMost(Duration.ofSeconds(30)).until(() -> queries.size() == 2);
        answers.countDown();

        assertThat(first.get()).isEqualTo(page);
        assertThat(second.get()).isEqualTo(page);
        assertThat(other.get()).isEqualTo(page);
        assertThat(queries).hasSize(2)
                .allSatisfy(query -> assertThat(query).startsWith("room=default%2Fa+b%2Fc&epoch=1"));
    }

    @Test
    void aReadAfterAnAnswerSendsANewRequest() throws Exception {
        answers.countDown();
        client.read(ROOM, 1, 5, 9, 200);
        client.read(ROOM, 1, 5, 9, 200);

        assertThat(queries).hasSize(2);
    }

    @Test
    void eachErasureIsReportedOnce() throws Exception {
        answers.countDown();
        for (var reported : List.of("0", "1", "0", "1", "3", "many", "2")) {
            erasures = reported;
            client.read(ROOM, 1, 5, 9, 200);
        }

        assertThat(erasuresReported).hasValue(2);
    }

    @Test
    void anErrorStatusIsAnIoException() {
        answers.countDown();
        status = 503;

        assertThatThrownBy(() -> client.read(ROOM, 1, 5, 9, 200)).isInstanceOf(IOException.class)
                .hasMessageContaining("503");
    }

    @Test
    void anUnreachableServiceIsAnIoException() {
        server.stop(0);

        assertThatThrownBy(() -> client.read(ROOM, 1, 5, 9, 200)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> client.check()).isInstanceOf(IOException.class);
    }

    @Test
    void aServiceThatStallsInTheMiddleOfAnAnswerIsAnIoException() {
        server.createContext("/history/health", exchange -> {
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            awaitUninterruptibly();
        });

        var check = threads.submit(() -> {
            client.check();
            return null;
        });

        assertThat(check).failsWithin(Duration.ofSeconds(30)).withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(IOException.class);
    }

    @Test
    void messagesAfterAHoleLongerThanAPageAreFound() throws Exception {
        answers.countDown();
        page = new ReplayPage(ROOM, 1, 900, List.of(), null);

        client.read(ROOM, 1, 5, 900, 200);

        assertThat(queries).hasSize(2).first(InstanceOfAssertFactories.STRING).contains("after=5&to=205&");
        assertThat(queries).last(InstanceOfAssertFactories.STRING).contains("after=5&to=900&");
    }

    @Test
    void tooLargePagesAreRequestedWithFewerMessages() throws Exception {
        answers.countDown();
        var content = Content.text("x".repeat(60_000));
        page = new ReplayPage(ROOM, 1, 200, LongStream.rangeClosed(1, 200)
                .mapToObj(seq -> new StoredMessage(seq, new UserId("default", "ann"), null, content, 1)).toList(),
                null);

        var read = client.read(ROOM, 1, 0, 200, 200);

        assertThat(read.messages()).isNotEmpty().hasSizeLessThan(40);
        assertThat(read.messages().getFirst().seq()).isEqualTo(1);
        assertThat(client.read(ROOM, 1, 100, 200, 200).messages()).isNotEmpty();
    }

    @Test
    void itSendsItsSecretAndExplainsARefusal() throws Exception {
        answers.countDown();
        client.read(ROOM, 1, 5, 9, 200);
        assertThat(authorizations).containsExactly("Bearer " + SECRET);
        status = 401;

        assertThatThrownBy(() -> client.read(ROOM, 1, 5, 9, 200)).hasMessageContaining("EDGE_HISTORY_SECRET").message()
                .doesNotContain(SECRET);
    }

    @Test
    void aPageOfAnotherInstallationIsRefused() throws Exception {
        answers.countDown();
        installation = "topic-b";
        assertThatThrownBy(() -> client.read(ROOM, 1, 5, 9, 200)).hasMessageContaining("topic-a")
                .hasMessageContaining("topic-b").hasMessageContaining("EDGE_HISTORY_URL");
        installation = null; // an earlier version sends none
        assertThat(client.read(ROOM, 1, 5, 9, 200)).isEqualTo(page);
    }

    @ParameterizedTest
    @CsvSource({"200,404,ok", "200,200,ok", "200,401,EDGE_HISTORY_SECRET", "503,200,503", "200,500,500"})
    void aCheckRequestsHealthAndInstallation(int health, int api, String expected) throws Exception {
        answer("/history/health", health);
        answer("/history/v1/installation", api);

        if (expected.equals("ok")) client.check();
        else
            assertThatThrownBy(() -> client.check()).isInstanceOf(IOException.class).hasMessageContaining(expected);
    }

    private void answer(String path, int with) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(with, -1);
            exchange.close();
        });
    }

    @Test
    void anEndlessAnswerIsAnIoException() {
        server.createContext("/history/health", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var body = exchange.getResponseBody()) {
                while (true) body.write(new byte[64 * 1024]);
            } catch (IOException _) { // the client closed the connection
                exchange.close();
            }
        });

        assertThatThrownBy(() -> client.check()).isInstanceOf(IOException.class);
    }

    @Test
    void anAnswerWhoseFirstMessageIsTooLargeIsAnIoException() {
        answers.countDown();
        var content = Content.text("x".repeat(3_000_000));
        page = new ReplayPage(ROOM, 1, 1,
                List.of(new StoredMessage(1, new UserId("default", "ann"), null, content, 1)), null);

        assertThatThrownBy(() -> client.read(ROOM, 1, 0, 1, 200)).isInstanceOf(IOException.class)
                .hasMessageContaining("bytes");
    }

    @Test
    void waitingForHistoryUsesNoReadPermit() throws Exception {
        var waiting = new ArrayList<Future<Boolean>>();
        for (var n = 0; n < 100; n++) {
            var room = new RoomId("default", "behind-" + n);
            waiting.add(threads.submit(() -> client.awaitStored(room, 1, 9)));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> queries.size() == 100);
        assertThat(queries).allSatisfy(query -> assertThat(query).contains("&limit=1&wait_ms="));
        answers.countDown();

        assertThat(client.read(ROOM, 1, 5, 9, 200)).isEqualTo(page);
        for (var each : waiting) assertThat(each.get()).isFalse();
    }

    private void awaitUninterruptibly() {
        try {
            answers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
