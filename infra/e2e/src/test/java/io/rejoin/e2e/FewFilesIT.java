package io.rejoin.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Services with a low limit of open files get more sockets than the limit allows, and requests that are never complete.
 */
class FewFilesIT {
    private static final int FILES = 400;
    private static final int SILENT = 600;
    private static final int HALF = 500;
    private static final int PATIENCE_MS = 60_000;

    @Test
    void edgeAndHistoryOutliveMoreSocketsThanTheyHaveFiles() throws Exception {
        var cluster = Cluster.shared();
        var ports = List.of(Cluster.freePort(), Cluster.freePort());
        try (var edge = cluster.edgeWithFiles(FILES, ports.getFirst());
                var history = cluster.historyWithFiles(FILES, ports.getLast())) {
            for (var port : ports) awaitReady(cluster, port);
            assertThat(edge.tail()).contains("limit of open files").contains("ulimit -n");
            assertThat(history.tail()).contains("limit of open files").contains("ulimit -n");

            var silent = sockets(ports, SILENT, "");
            for (var port : ports) awaitReady(cluster, port); // while they are open: an idle one makes room
            for (var socket : silent) socket.close();
            for (var port : ports) awaitReady(cluster, port);

            for (var half : sockets(ports, HALF, "GET /ws/lobby?name=ann HTTP/1.1\r\nHost: localhost\r\nUpgr")) {
                assertThat(isEnded(half)).isTrue();
            }
            try (var ann = Client.connect(URI.create("ws://127.0.0.1:" + ports.getFirst() + "/ws/files?name=ann"))) {
                ann.await("join_ack");
            }
            assertThat(edge.isAlive() && history.isAlive()).isTrue();
        }
    }

    private static void awaitReady(Cluster cluster, int port) {
        await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(100)).ignoreExceptions()
                .until(() -> cluster.ask(port, "/health/ready").statusCode() == 200);
    }

    private static List<Socket> sockets(List<Integer> ports, int count, String beginning) throws IOException {
        var sockets = new ArrayList<Socket>();
        for (var i = 0; i < count; i++) {
            for (var port : ports) {
                var socket = new Socket();
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
                socket.getOutputStream().write(beginning.getBytes(US_ASCII));
                sockets.add(socket);
            }
        }
        return sockets;
    }

    private static boolean isEnded(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MS);
        try (socket) {
            return socket.getInputStream().readAllBytes().length == 0;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true; // reset
        }
    }
}
