package io.rejoin.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Faults for the dashboards to show, one after the other: clients that do not read, and a history, an edge and a router
 * that die.
 */
final class FaultSequence implements AutoCloseable {
    /** A room whose messages are kept for a second, so that the dashboards also show deletions. */
    private static final String ROOM = "brief-observed";
    private static final int SLOW = 3;
    private static final String LARGE = "x".repeat(16 * 1024);
    /** Pause between two faults, so that the pictures show them separately. */
    private static final Duration QUIET = Duration.ofSeconds(20);
    private static final Duration MISSED = Duration.ofSeconds(8);

    private final Cluster cluster;
    private final Prometheus prometheus;
    private final List<Socket> slow = new ArrayList<>();

    FaultSequence(Cluster cluster, Prometheus prometheus) {
        this.cluster = cluster;
        this.prometheus = prometheus;
    }

    void happen() throws IOException {
        clientsDoNotRead();
        awaitQuiet();
        die(cluster.history());
        die(cluster.edges().getLast());
        die(cluster.routers().getLast());
    }

    /**
     * Kills the process and restarts it only after {@link #MISSED}, so that a router's shards move to the other router.
     */
    private void die(ServiceProcess process) {
        process.kill();
        await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(500))
                .until(() -> isSome(
                        "count_over_time((up == 0)[" + MISSED.toSeconds() + "s:1s]) > " + (MISSED.toSeconds() - 2)));
        process.restart();
        awaitQuiet();
    }

    /**
     * Connects clients that do not read, until they are behind. A poster fills their buffers, and makes some mistakes.
     */
    private void clientsDoNotRead() throws IOException {
        for (var i = 0; i < SLOW; i++) slow.add(connect(cluster.edgePort(0), "slow-" + i));
        try (var poster = Client.connect(cluster.edgeUri(0, "/ws/" + ROOM + "?name=talker"))) {
            poster.await("join_ack");
            await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
                var id = UUID.randomUUID().toString();
                poster.post(ROOM, id, LARGE);
                poster.post(ROOM, id, LARGE); // a duplicate
                poster.post("observed-elsewhere", id, "nothing"); // an error, not_joined
                return isSome("rejoin_edge_catch_ups_total{reason=\"behind\"}");
            });
        }
    }

    private static Socket connect(int port, String name) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(16 * 1024); // a fixed size, so that it is soon full
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream().write("""
                GET /ws/%s?name=%s HTTP/1.1\r
                Host: 127.0.0.1:%d\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                \r
                """.formatted(ROOM, name, port).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private boolean isSome(String series) {
        return !prometheus.query("sum(" + series + ") > 0").isEmpty();
    }

    /** Waits until all processes have been up for {@link #QUIET}. */
    private void awaitQuiet() {
        cluster.awaitReady();
        await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofSeconds(1)).until(
                () -> !prometheus.query("min(min_over_time(up[" + QUIET.toSeconds() + "s])) == 1").isEmpty());
    }

    @Override
    public void close() throws IOException {
        for (var socket : slow) socket.close();
    }
}
