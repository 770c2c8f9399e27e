package io.rejoin.listener;

import io.helidon.webserver.spi.ServerConnectionSelector;
import io.rejoin.listener.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Listens for connections, mostly of {@link io.rejoin.listener.http.Http}, and goes on listening whatever happens. Helidon's own
 * listener ends for good when accepting fails once, with all its connections, and leaves the process alive; it has no deadline
 * for a request that does not come, either.
 */
public final class Listener implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final Duration LOOK = Duration.ofMillis(250);
    /** How long connections may take to end once they have been interrupted. */
    private static final Duration END = Duration.ofSeconds(1);

    private final InetSocketAddress address;
    private final Duration grace;
    private final Consumer<Throwable> fatal;
    private final HelidonContext context;
    private final Connections connections;
    private final @Nullable Tls tls;
    private @Nullable Acceptor acceptor;
    private @Nullable Thread accepts;
    private @Nullable SocketLoop loop;
    private volatile boolean running;
    private volatile boolean ended;
    private volatile int port;

    /**
     * What a listener lets in, and for how long.
     *
     * @param budget    of connections; who comes when it is used up waits, or takes the place of one that does nothing
     * @param deadlines for each of them
     * @param grace     how long requests under way may take when it is closed
     */
    public record Limits(ConnectionBudget budget, Deadlines deadlines, Duration grace) {}

    /** The same without TLS. */
    public Listener(String host, int port, Limits limits, ServerConnectionSelector selector,
            Consumer<Throwable> fatal) {
        this(host, port, limits, null, selector, fatal);
    }

    /**
     * Listens from {@link #start} on.
     *
     * @param port     0 is any free one
     * @param tls      encrypts all connections; who begins without it is refused; null where nothing is encrypted
     * @param selector speaks on the connections; it calls {@link #requested} and {@link #upgraded}
     * @param fatal    called when it can go on no longer: the process must end
     */
    public Listener(String host, int port, Limits limits, @Nullable Tls tls, ServerConnectionSelector selector,
            Consumer<Throwable> fatal) {
        this.address = new InetSocketAddress(host, port);
        this.grace = limits.grace();
        this.fatal = fatal;
        this.tls = tls;
        this.context = HelidonContext.of(selector);
        this.connections = new Connections(limits.budget().all(), limits.budget().mostPlain(), limits.deadlines());
    }

    /**
     * Tells the listener that the connection, which the present thread runs, is a plain one no longer: from here on whoever
     * upgraded it keeps its time and counts it. Does nothing on connections of other servers.
     */
    public static void upgraded() {
        if (Connection.CURRENT.isBound()) Connection.CURRENT.get().upgraded();
    }

    /**
     * The same, for a protocol that waits without a thread.
     *
     * @throws IOException when the client has gone
     * @throws java.util.NoSuchElementException on connections of other servers
     */
    public static Transport transport() throws IOException {
        return Connection.CURRENT.get().transport();
    }

    /** Tells the listener that the head of a request is complete on the present connection. */
    public static void requested(boolean hasBody) {
        if (Connection.CURRENT.isBound()) Connection.CURRENT.get().requested(hasBody);
    }

    /**
     * Begins to listen.
     *
     * @throws IOException when it cannot, there
     */
    public void start() throws IOException {
        start(ServerSocketChannel.open());
    }

    void start(ServerSocketChannel server) throws IOException {
        SocketLoop waiting;
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address, BACKLOG);
            port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            waiting = new SocketLoop();
        } catch (IOException | UnresolvedAddressException e) {
            server.close();
            throw e instanceof IOException io ? io : new IOException("unknown host " + address.getHostString(), e);
        }
        loop = waiting;
        var accepting = new Acceptor(server, "listener-" + port, context, connections, tls, waiting);
        acceptor = accepting;
        running = true;
        accepts = thread("listener-" + port, accepting);
        thread("sockets-" + port, waiting);
        thread("deadlines-" + port, this::watchDeadlines);
    }

    private Thread thread(String name, Runnable run) {
        return Thread.ofPlatform().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause)).start(run);
    }

    private void watchDeadlines() {
        try {
            while (!ended) {
                connections.endOverdue(System.nanoTime());
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the watch over deadlines was interrupted", e);
        }
    }

    /** The port it listens on; 0 before it does. */
    public int port() {
        return port;
    }

    public boolean isRunning() {
        return running;
    }

    /** Connections of all kinds. */
    public int connections() {
        return connections.count();
    }

    /** Connections that are not upgraded. */
    public int plainConnections() {
        return connections.countPlain();
    }

    /** Accepts nothing more, lets the requests under way end within the grace, then ends what is left. */
    @Override
    public void close() {
        if (!running || acceptor == null) return;
        running = false;
        try {
            acceptor.stop();
        } catch (IOException e) {
            throw new UncheckedIOException("closing the listening socket", e);
        } finally {
            end();
        }
    }

    private void end() {
        awaitAcceptor();
        connections.stop();
        await(() -> connections.count() == 0, grace);
        connections.stopNow();
        await(() -> connections.count() == 0, END);
        connections.abort();
        ended = true;
        Objects.requireNonNull(loop).close();
        context.executor().shutdownNow();
    }

    /** A connection that it was about to let in is there, or never will be. */
    private void awaitAcceptor() {
        try {
            Objects.requireNonNull(accepts).join(END);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // not waited for any longer
        }
    }

    private static void await(BooleanSupplier condition, Duration atMost) {
        var until = System.nanoTime() + atMost.toNanos();
        try {
            while (!condition.getAsBoolean() && System.nanoTime() < until) {
                Thread.sleep(Duration.ofMillis(10));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // not waited for any longer
        }
    }
}
