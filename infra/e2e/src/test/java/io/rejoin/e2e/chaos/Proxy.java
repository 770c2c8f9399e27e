package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * A TCP proxy on the loopback address for one link of the system. It can cut, delay and reset the link. As TCP
 * promises, it never loses or changes bytes. Bytes sent into a cut link wait in bounded buffers. They arrive when the
 * link is mended, even if the sender has ended by then. Safe for any thread.
 */
final class Proxy implements AutoCloseable {
    private static final int CONNECTIONS = 2_000;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final Wire wire = new Wire();
    private final Semaphore free = new Semaphore(CONNECTIONS);
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Listens on {@code port} (0: any free port) and forwards to the port {@code target} of the loopback address. */
    Proxy(int port, int target) {
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
        try {
            this.server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a proxy on port " + port, e);
        }
        Thread.ofVirtual().name("proxy-" + port()).start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** The cuts and delays of all connections, including future ones. */
    Wire wire() {
        return wire;
    }

    /** Resets all connections: both ends see a TCP reset. */
    void reset() {
        for (var socket : sockets) tear(socket);
    }

    /** Number of open connections. */
    int connections() {
        return CONNECTIONS - free.availablePermits();
    }

    @Override
    public void close() {
        closeQuietly(server);
        wire.mend();
        reset();
    }

    private void accept() {
        try {
            while (true) {
                var client = server.accept();
                if (!free.tryAcquire()) tear(client);
                else
                    Thread.ofVirtual().name("proxy-connection").start(() -> serve(client));
            }
        } catch (IOException _) {
            // the server socket was closed
        }
    }

    private void serve(Socket client) {
        var upstream = new Socket();
        sockets.add(client);
        sockets.add(upstream);
        try {
            wire.awaitPassage(Wire.Direction.TO_SERVER);
            if (server.isClosed() || client.isClosed()) return;
            upstream.connect(target, 5_000);
            var back = Thread.ofVirtual().name("proxy-back")
                    .start(() -> pump(upstream, client, Wire.Direction.TO_CLIENT));
            pump(client, upstream, Wire.Direction.TO_SERVER);
            back.join();
        } catch (IOException _) { // nobody listens there, and the client must see that
            tear(client);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(client); // a reset socket is closed already; else bytes written last still arrive
            closeQuietly(upstream);
            sockets.remove(client);
            sockets.remove(upstream);
            free.release();
        }
    }

    /**
     * Copies until the sender ends its stream; then ends the other side's stream too. A failure resets both sockets.
     */
    private void pump(Socket from, Socket to, Wire.Direction direction) {
        try {
            from.setTcpNoDelay(true);
            to.setTcpNoDelay(true);
            new Pump(wire, direction, () -> tear(from, to)).copy(from.getInputStream(), to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException _) {
            tear(from, to);
        }
    }

    private static void tear(Socket one, Socket other) {
        tear(one);
        tear(other);
    }

    private static void tear(Socket socket) {
        try {
            if (!socket.isClosed()) socket.setSoLinger(true, 0); // closing sends a reset instead of an orderly end
        } catch (IOException _) { // it is closed already
        }
        closeQuietly(socket);
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception _) { // the socket is unusable either way
        }
    }
}
