package io.rejoin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A minimal TCP load balancer: each connection goes to the next server. If that server refuses it, the one after it is
 * tried.
 */
final class Balancer implements AutoCloseable {
    private final ServerSocket server;
    private final List<Integer> targets;
    private final AtomicInteger turn = new AtomicInteger();
    private final Set<Integer> reached = ConcurrentHashMap.newKeySet();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /**
     * Listens on any free port of the loopback address.
     *
     * @param targets the servers' ports
     */
    Balancer(List<Integer> targets) {
        this.targets = List.copyOf(targets);
        try {
            this.server = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("balancer").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** The ports of the servers that received a connection so far. */
    Set<Integer> reached() {
        return Set.copyOf(reached);
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                sockets.add(client);
                Thread.ofVirtual().name("balanced").start(() -> serve(client));
            }
        } catch (IOException _) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client; var upstream = connect()) {
            sockets.add(upstream);
            Thread.ofVirtual().name("balanced-back").start(() -> pump(upstream, client));
            pump(client, upstream);
        } catch (IOException _) {
            // no server accepts the connection: the client sees it end
        }
    }

    private Socket connect() throws IOException {
        var first = turn.getAndIncrement();
        for (var i = 0; i < targets.size(); i++) {
            var port = targets.get(Math.floorMod(first + i, targets.size()));
            try {
                var socket = new Socket(InetAddress.getLoopbackAddress(), port);
                reached.add(port);
                return socket;
            } catch (IOException _) {
                // the loop tries the next server
            }
        }
        throw new IOException("no server takes a connection");
    }

    /** Copies until one of the two connections ends; then closes both. */
    private static void pump(Socket from, Socket to) {
        try (from; to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // closing both sockets informs the other side
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (var socket : sockets) socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
