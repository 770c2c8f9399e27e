package io.rejoin.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.listener.http.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final int COUNT = 200;

    private final Connections connections = new Connections(COUNT, COUNT, Deadlines.USUAL);

    @Test
    void roomIsMadeWhileConnectionsGoOn() throws Exception {
        var sockets = new ArrayList<SocketChannel>();
        try (var server = ServerSocketChannel.open(); var loop = new SocketLoop()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            for (var n = 0; n < COUNT; n++) sockets.addAll(connect(server, loop));
            var isOver = new AtomicBoolean();
            var busy = Thread.ofPlatform().start(() -> {
                var random = new Random(1);
                while (!isOver.get())
                    connections.forEachPlain(each -> answerOne(each.progress(), random.nextInt(1_000_000)));
            });
            for (var n = 0; n < 5_000; n++) connections.makeRoom(0, System.nanoTime() + Duration.ofHours(1).toNanos());
            isOver.set(true);
            busy.join();

            assertThat(connections.count()).isEqualTo(COUNT);
        } finally {
            for (var socket : sockets) socket.close();
        }
    }

    private List<SocketChannel> connect(ServerSocketChannel server, SocketLoop loop) throws IOException {
        var client = SocketChannel.open(server.getLocalAddress());
        var accepted = server.accept();
        connections.begun(new Connection(accepted, "test", HelidonContext.of(new Http((_, _) -> {})), connections, null,
                loop));
        return List.of(client, accepted);
    }

    private static void answerOne(ConnectionPhase progress, long now) {
        progress.requested(false, now);
        progress.hasWritten(now);
        progress.reads(now);
    }
}
