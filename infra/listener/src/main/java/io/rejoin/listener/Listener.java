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
 * Accepts TCP connections on one port and serves a protocol on them, usually {@link io.rejoin.listener.http.Http}. The
 * listener keeps accepting after any error. It replaces Helidon's own listener: when accepting fails once, that one
 * closes all its connections, never accepts again, and leaves the process alive. Helidon's listener also has no
 * deadline for a request that does not arrive.
 */
public final class Listener implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final Duration LOOK = Duration.ofMillis(250);
    /** How long the listener waits for connections to end after it interrupted them. */
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
     * How many connections a listener accepts, and how long each step of a connection may take.
     *
     * @param budget    the most connections; a client above the budget waits, or takes the place of an idle connection
     * @param deadlines for each plain HTTP connection
     * @param grace     how long {@link #close} waits for running requests
     */
    public record Limits(ConnectionBudget budget, Deadlines deadlines, Duration grace) {}

    /** Creates a listener without TLS. See the other constructor for the parameters. */
    public Listener(String host, int port, Limits limits, ServerConnectionSelector selector,
            Consumer<Throwable> fatal) {
        this(host, port, limits, null, selector, fatal);
    }

    /**
     * Creates a listener. It accepts connections after {@link #start}.
     *
     * @param port     0 for any free port
     * @param tls      encrypts all connections, and plain-text clients are refused; null for no encryption
     * @param selector serves the connections; it calls {@link #requested} and {@link #upgraded}
     * @param fatal    called when the listener cannot continue: the process must end
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
     * Reports that the current thread's connection is no longer plain HTTP. From now on the caller enforces the
     * connection's deadlines and counts the connection. Does nothing on connections of other servers.
     */
    public static void upgraded() {
        if (Connection.CURRENT.isBound()) Connection.CURRENT.get().upgraded();
    }

    /**
     * Upgrades the current thread's connection to a protocol that waits for bytes without a thread.
     *
     * @return carries the bytes of the connection from now on
     * @throws IOException when the client has closed the connection
     * @throws java.util.NoSuchElementException on connections of other servers
     */
    public static Transport transport() throws IOException {
        return Connection.CURRENT.get().transport();
    }

    /** Reports that the head of a request is complete on the current thread's connection. */
    public static void requested(boolean hasBody) {
        if (Connection.CURRENT.isBound()) Connection.CURRENT.get().requested(hasBody);
    }

    /**
     * Opens the port and starts to accept connections.
     *
     * @throws IOException when the listener cannot listen on its address
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
            throw new IllegalStateException("the thread that checks deadlines was interrupted", e);
        }
    }

    /** The port that the listener listens on; 0 before {@link #start}. */
    public int port() {
        return port;
    }

    public boolean isRunning() {
        return running;
    }

    /** The number of open connections, plain and upgraded. */
    public int connections() {
        return connections.count();
    }

    /** The number of open connections that are not upgraded. */
    public int plainConnections() {
        return connections.countPlain();
    }

    /** Stops accepting, waits for running requests for at most the grace, then ends all remaining connections. */
    @Override
    public void close() {
        if (!running || acceptor == null) return;
        running = false;
        try {
            acceptor.stop();
        } catch (IOException e) {
            throw new UncheckedIOException("closing the listening socket failed", e);
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

    /** After the acceptor thread has ended, no further connection can begin. */
    private void awaitAcceptor() {
        try {
            Objects.requireNonNull(accepts).join(END);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // stop waiting
        }
    }

    private static void await(BooleanSupplier condition, Duration atMost) {
        var until = System.nanoTime() + atMost.toNanos();
        try {
            while (!condition.getAsBoolean() && System.nanoTime() < until) {
                Thread.sleep(Duration.ofMillis(10));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // stop waiting
        }
    }
}
