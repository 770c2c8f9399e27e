package io.rejoin.listener;

import io.rejoin.listener.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections until {@link #stop}. A failing connection, or a failing accept, does not end the loop. */
final class Acceptor implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);
    /** How long the acceptor waits for a free place before it ends an idle connection. */
    private static final Duration PATIENCE = Duration.ofMillis(20);
    /** The most connections that are ended at once to free places. */
    private static final int MAKE_ROOM = 16;

    private final ServerSocketChannel server;
    private final String name;
    private final HelidonContext context;
    private final Connections connections;
    private final @Nullable Tls tls;
    private final SocketLoop loop;
    private final AcceptBackoff trouble = new AcceptBackoff();
    private long accepted;
    private volatile boolean stopped;

    /**
     * @param tls  null for no encryption
     * @param loop serves connections that are upgraded
     */
    Acceptor(ServerSocketChannel server, String name, HelidonContext context, Connections connections,
            @Nullable Tls tls, SocketLoop loop) {
        this.server = server;
        this.name = name;
        this.context = context;
        this.connections = connections;
        this.tls = tls;
        this.loop = loop;
    }

    /**
     * @throws IllegalStateException when the listening socket is closed, or this thread interrupted, without
     *         {@link #stop}
     */
    @Override
    public void run() {
        try {
            while (!stopped) {
                if (!connections.takePlace(PATIENCE)) connections.makeRoom(MAKE_ROOM, System.nanoTime());
                else if (!accept()) connections.givePlaceBack();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the listener was interrupted", e);
        }
    }

    /** Closes the listening socket; {@link #run} returns soon. */
    void stop() throws IOException {
        stopped = true;
        server.close();
    }

    private boolean accept() throws InterruptedException {
        try {
            var channel = server.accept();
            trouble.isOver();
            return begin(channel);
        } catch (ClosedChannelException e) {
            if (!stopped) throw new IllegalStateException("the listening socket was closed", e);
        } catch (IOException e) { // out of descriptors or memory, or the client has gone: all of these pass
            if (trouble.isLasting()) connections.makeRoom(MAKE_ROOM, System.nanoTime());
            Thread.sleep(trouble.failed(e, System.nanoTime()));
        }
        return false;
    }

    private boolean begin(SocketChannel channel) {
        var begun = false;
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            var connection = new Connection(channel, name, context, connections, tls, loop);
            var thread = Thread.ofVirtual().name("connection-" + ++accepted)
                    .uncaughtExceptionHandler((_, cause) -> log.atError().setCause(cause).log("a connection failed"))
                    .unstarted(connection);
            connections.begun(connection);
            begun = true;
            thread.start();
            return true;
        } catch (IOException | UncheckedIOException _) {
            return false; // the client has gone
        } finally {
            if (!begun) close(channel);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // the client has gone
        }
    }
}
