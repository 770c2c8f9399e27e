package io.rejoin.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.edge.fanout.EmptyEdge;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkFrameCodec;
import io.rejoin.link.LinkListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests an edge and its routers over real sockets. */
class RoutersIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int SHARDS = 2;

    private final AtomicLong later = new AtomicLong();
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final EmptyEdge edge = new EmptyEdge(SHARDS);
    private final Routers routers = routers(null);
    private final List<FakeRouter> fakeRouters = new CopyOnWriteArrayList<>();

    private Routers routers(@Nullable String secret) {
        return new Routers(edge.streamFrames(), secret, new Random(1), () -> System.nanoTime() + later.get(),
                fatal::add);
    }

    /** Plays a router that has some shards. */
    private static final class FakeRouter implements LinkListener, AutoCloseable {
        private final List<Integer> shards;
        private final List<EdgeStream> opened = new CopyOnWriteArrayList<>();
        private final List<EdgeStream> ended = new CopyOnWriteArrayList<>();
        private final List<Frame.Positions> reached = new CopyOnWriteArrayList<>();
        private final List<Frame.Appended> appended = new CopyOnWriteArrayList<>();
        private final RouterServer server;

        FakeRouter(int port, @Nullable String secret, List<Integer> shards) throws IOException {
            this.shards = shards;
            this.server = new RouterServer(port, secret, this);
        }

        @Override
        public void onOpened(EdgeStream stream) {
            for (var shard : shards) begin(stream, shard);
            opened.add(stream);
        }

        private static void begin(EdgeStream stream, int shard) {
            var hello = stream.hello();
            var at = hello.positions().stream().filter(source -> source.partition() == shard).findFirst().orElse(null);
            stream.send(LinkFrameCodec.encode(new Frame.Begins(shard, hello.incarnation(), at)));
        }

        @Override
        public void onPositions(EdgeStream stream, Frame.Positions sent) {
            reached.add(sent);
        }

        @Override
        public void onAppended(EdgeStream stream, Frame.Appended record) {
            appended.add(record);
        }

        @Override
        public void onEnded(EdgeStream stream) {
            ended.add(stream);
        }

        String address() {
            return server.address();
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private FakeRouter fakeRouter(Integer... shards) throws IOException {
        return fakeRouterAt(0, null, shards);
    }

    private FakeRouter fakeRouterAt(int port, @Nullable String secret, Integer... shards) throws IOException {
        var fakeRouter = new FakeRouter(port, secret, List.of(shards));
        fakeRouters.add(fakeRouter);
        return fakeRouter;
    }

    @AfterEach
    void end() {
        routers.close();
        fakeRouters.forEach(FakeRouter::close);
        assertThat(fatal).isEmpty();
    }

    @Test
    void anEdgeWithoutRoutersReportsTheProblem() {
        assertThat(routers.problem()).startsWith("routers: ")
                .contains("2 shard(s)", "No router announces itself in rejoin.edges");
        assertThat(routers.connectedRouters()).isZero();
    }

    @Test
    void anEdgeOpensOneStreamToEachRouter() throws IOException {
        var router = fakeRouter(0, 1);
        for (var n = 0; n < 3; n++) routers.onBeat("r1", router.address());
        awaitNoProblem();

        assertThat(routers.connectedRouters()).isEqualTo(1);
        assertThat(router.opened).map(EdgeStream::hello).containsExactly(new Frame.Hello("edge-1", 1, List.of()));
        assertThat(edge.rejoins()).isZero();
    }

    @Test
    void aRouterWithoutShardsCoversNone() throws IOException {
        routers.onBeat("r1", fakeRouter().address());
        awaitConnectedRouters(1);

        assertThat(routers.problem()).contains("2 shard(s)", "will do so soon");
    }

    @Test
    void shardsComeFromTheRouterThatOwnsThem() throws IOException {
        var first = fakeRouter(0);
        var second = fakeRouter(1);
        routers.onBeat("r1", first.address());
        routers.onBeat("r2", second.address());
        awaitNoProblem();
        second.close();
        await().atMost(LONG).untilAsserted(() -> assertThat(routers.problem()).contains("1 shard(s)",
                "the router at " + second.address() + ": "));
        await().atMost(LONG).until(() -> !first.opened.isEmpty());
        FakeRouter.begin(first.opened.getFirst(), 1);

        awaitNoProblem();
        assertThat(routers.connectedRouters()).isEqualTo(1);
    }

    @Test
    void appendedRecordsAreSentToTheRouterOfTheirShard() throws IOException {
        var first = fakeRouter(0);
        var second = fakeRouter(1);
        routers.onBeat("r1", first.address());
        routers.onBeat("r2", second.address());
        append(1, 6); // no router has the shard yet: its router will fetch the record
        awaitNoProblem();
        for (var offset = 7; offset < 10; offset++) append(1, offset);
        append(0, 3);
        append(2, 0); // this shard does not exist

        await().atMost(LONG).until(() -> second.appended.size() == 3 && first.appended.size() == 1);
        assertThat(second.appended).extracting(Frame.Appended::offset).containsExactly(7L, 8L, 9L);
        assertThat(first.appended).extracting(Frame.Appended::offset).containsExactly(3L);
    }

    private void append(int partition, long offset) {
        routers.sendAppended(partition, offset, 0, new byte[]{1}, new byte[]{2}, Map.of());
    }

    @Test
    void aBrokenStreamIsReopenedAtTheEdgesPositions() throws IOException {
        var router = fakeRouter(0, 1);
        routers.onBeat("r1", router.address());
        awaitNoProblem();
        var stream = router.opened.getFirst();
        stream.send(delivery(new Source(1, 7, 0)));
        await().atMost(LONG).until(() -> !edge.streamFrames().positionsFrame().positions().isEmpty());
        stream.close();
        await().atMost(LONG).until(() -> router.opened.size() == 2);
        awaitNoProblem();

        assertThat(router.opened.getLast().hello())
                .isEqualTo(new Frame.Hello("edge-1", 1, List.of(new Source(1, 7, 0))));
        assertThat(edge.rejoins()).isZero();
    }

    @Test
    void aRestartedRouterIsReconnectedWithoutABeat() throws IOException {
        var router = fakeRouter(0, 1);
        routers.onBeat("r1", router.address());
        awaitNoProblem();
        router.close();
        await().atMost(LONG).untilAsserted(() -> assertThat(routers.problem()).contains("2 shard(s)",
                "the router at " + router.address() + ": "));
        assertThat(routers.connectedRouters()).isZero();
        fakeRouterAt(router.server.port(), null, 0, 1);

        awaitNoProblem();
    }

    @Test
    void aMissingOrWrongSecretIsReported() throws IOException {
        var router = fakeRouterAt(0, "a-secret-of-a-router", 0, 1);
        routers.onBeat("r1", router.address());
        await().atMost(LONG).untilAsserted(() -> assertThat(routers.problem()).contains(router.address(),
                "requires a secret", "EDGE_ROUTER_SECRET"));
        try (var wrong = routers("another-secret-of-it")) {
            wrong.onBeat("r1", router.address());
            await().atMost(LONG).untilAsserted(() -> assertThat(wrong.problem()).contains("has another secret",
                    "EDGE_ROUTER_SECRET").doesNotContain("another-secret-of-it"));
        }
        try (var right = routers("a-secret-of-a-router")) {
            right.onBeat("r1", router.address());
            await().atMost(LONG).until(() -> right.problem() == null);
        }
    }

    @Test
    void anInvalidAddressIsReportedAndHarmsNobody() throws IOException {
        for (var address : List.of("nowhere", "", ":", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x"))
            routers.onBeat("router at " + address, address);
        await().atMost(LONG).untilAsserted(() -> assertThat(routers.problem()).contains("not host:port"));
        routers.onBeat("r1", fakeRouter(0, 1).address());

        awaitNoProblem();
    }

    @Test
    void aStaleRouterIsRemoved() throws IOException {
        var router = fakeRouter(0, 1);
        routers.onBeat("r1", router.address());
        awaitNoProblem();
        router.close();
        awaitConnectedRouters(0);
        later.addAndGet(Routers.REMOVE_AFTER.minusSeconds(20).toNanos());
        routers.onBeat("r1", router.address());
        later.addAndGet(Routers.REMOVE_AFTER.minusSeconds(5).toNanos());
        routers.removeStale();
        assertThat(routers.problem()).contains(router.address());
        later.addAndGet(Duration.ofSeconds(6).toNanos());
        routers.removeStale();

        assertThat(routers.problem()).contains("No router announces itself");
    }

    @Test
    void aRouterWithAStreamIsNotRemoved() throws IOException {
        routers.onBeat("r1", fakeRouter(0, 1).address());
        awaitNoProblem();
        later.addAndGet(Routers.REMOVE_AFTER.multipliedBy(100).toNanos());
        routers.removeStale();

        assertThat(routers.connectedRouters()).isEqualTo(1);
        assertThat(routers.problem()).isNull();
    }

    @Test
    void aRouterGetsTheEdgesPositions() throws IOException {
        var router = fakeRouter(0, 1);
        routers.onBeat("r1", router.address());
        awaitNoProblem();
        router.opened.getFirst().send(delivery(new Source(0, 3, 1)));

        var reached = new Frame.Positions(1, List.of(new Source(0, 3, 1)));
        await().atMost(LONG).untilAsserted(() -> assertThat(router.reached).contains(reached));
        var sent = router.reached.size();
        await().atMost(LONG).until(() -> router.reached.size() > sent + 1); // sent although no position changes
    }

    @Test
    void closeEndsAllStreamsAndOpensNone() throws IOException {
        var router = fakeRouter(0, 1);
        routers.onBeat("r1", router.address());
        awaitNoProblem();
        routers.close();
        await().atMost(LONG).until(() -> router.ended.size() == 1);
        routers.onBeat("r2", router.address());

        assertThat(routers.connectedRouters()).isZero();
        await().atMost(LONG).until(() -> edge.streamFrames().uncoveredShards() == SHARDS);
        assertThat(routers.problem()).contains("No router announces itself");
    }

    /** A close may come before or after a stream is open. All threads end either way. */
    @Test
    void noThreadIsLeftAfterAClose() throws IOException {
        var router = fakeRouter(0, 1);
        for (var n = 0; n < 50; n++) {
            var brief = routers(null);
            brief.onBeat("r" + n, router.address());
            if (n % 5 == 0) await().atMost(LONG).until(() -> brief.connectedRouters() == 1);
            brief.close();
        }

        await().atMost(LONG).untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).map(Thread::getName)
                .noneMatch(name -> name.startsWith("router-r")));
    }

    private void awaitNoProblem() {
        await().atMost(LONG).untilAsserted(() -> assertThat(routers.problem()).isNull());
    }

    private void awaitConnectedRouters(int count) {
        await().atMost(LONG).until(() -> routers.connectedRouters() == count);
    }

    private static byte[] delivery(Source source) {
        var acked = new Delivery.Acked(new RoomId("default", "r"), new ConnectionId("c"), "id", 1, 1, false);
        return LinkFrameCodec.encode(new Frame.Deliveries(LogCodec.deliveries(
                new DeliveryBatch("edge-1", 1, List.of(new DeliveryBatch.Entry(source, acked)))), Map.of()));
    }
}
