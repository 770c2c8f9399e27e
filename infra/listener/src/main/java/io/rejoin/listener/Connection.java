package io.rejoin.listener;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketWriter;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.listener.tls.Tls;
import io.rejoin.listener.tls.TlsHandshake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection, which a virtual thread runs. The thread ends when the connection ends, or when a
 * {@link Transport} takes the connection over.
 */
final class Connection implements ConnectionContext, Accepted, Runnable {
    /** The connection that the current thread runs. */
    static final ScopedValue<Connection> CURRENT = ScopedValue.newInstance();
    private static final byte[] NOTHING = {};
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    /** The most bytes that are read and discarded after the last answer. */
    private static final int MAX_DISCARDED = 1024 * 1024;

    private final SocketChannel channel;
    private final HelidonContext context;
    private final Connections connections;
    private final @Nullable Tls tls;
    private final SocketLoop loop;
    private final ConnectionPhase progress;
    private final TimedSocket socket;
    private final DataReader reader;
    private final SocketWriter writer;
    private volatile @Nullable ServerConnection served;
    private volatile boolean stopped;
    /** Null unless the connection is upgraded to a protocol that waits without a thread. */
    private volatile @Nullable Transport transport;
    /** Whether the transport ends the connection. Only the connection's own thread uses this field. */
    private boolean isHandedOver;

    /**
     * @param tls  null for no encryption
     * @param loop waits for bytes after an upgrade
     * @throws UncheckedIOException when the client has already gone
     */
    Connection(SocketChannel channel, String listenerId, HelidonContext context, Connections connections,
            @Nullable Tls tls, SocketLoop loop) {
        this.channel = channel;
        this.context = context;
        this.connections = connections;
        this.tls = tls;
        this.loop = loop;
        this.progress = new ConnectionPhase(System.nanoTime());
        var id = "0x" + Integer.toHexString(System.identityHashCode(channel));
        this.socket = new TimedSocket(channel, id, listenerId, progress);
        this.reader = DataReader.create(this::receive);
        this.writer = SocketWriter.create(socket);
    }

    ConnectionPhase progress() {
        return progress;
    }

    @Override
    public void run() {
        try {
            if (tls == null || encrypt(tls)) ScopedValue.where(CURRENT, this).run(this::serve);
            if (isHandedOver) return;
            if (progress.phase() == ConnectionPhase.Phase.UPGRADED) socket.endOutput();
            else
                linger();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a connection broke before the last bytes were sent");
        } finally {
            if (!isHandedOver) {
                abort();
                connections.ended(this);
            }
        }
    }

    /**
     * Does the TLS handshake; returns whether the connection is now encrypted. A client that sends plain HTTP gets an
     * answer that says why it is refused.
     */
    private boolean encrypt(Tls tls) throws IOException {
        var outcome = handshake(tls);
        tls.ended(outcome); // counted first, so that a client that has the answer finds itself counted
        if (outcome == TlsHandshake.PLAIN) refusePlainText();
        return outcome == TlsHandshake.DONE;
    }

    private TlsHandshake handshake(Tls tls) {
        try {
            return socket.encrypt(tls.context()) ? TlsHandshake.DONE : TlsHandshake.PLAIN;
        } catch (IOException | UncheckedIOException e) {
            log.atDebug().setCause(e).log("a TLS handshake failed");
            return TlsHandshake.FAILED;
        }
    }

    private void refusePlainText() throws IOException {
        try {
            socket.write(BufferData.create(PlainText.REFUSAL));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void serve() {
        try {
            var connection = context.selector().connection(this);
            served = connection;
            if (!stopped) connection.handle(context.requests()); // stop() either saw served, or is seen here
        } catch (CloseConnectionException e) {
            log.atDebug().setCause(e).log("a connection ended");
        } catch (UncheckedIOException e) {
            log.atDebug().setCause(e).log("a connection broke");
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("a connection failed");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Records that the head of a request is complete. */
    void requested(boolean withBody) {
        progress.requested(withBody, System.nanoTime());
    }

    private byte @Nullable [] receive() {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            throw new ServerConnectionException("the connection broke", e);
        }
    }

    /**
     * Reads until the client closes. Closing a socket that has unread bytes resets the connection, and the client could
     * lose the answer.
     */
    private void linger() {
        progress.lingers(System.nanoTime());
        try {
            socket.endOutput();
            var discarded = 0;
            for (var bytes = socket.get(); bytes != null && discarded < MAX_DISCARDED; bytes = socket.get()) {
                discarded += bytes.length;
            }
        } catch (IOException | UncheckedIOException _) {
            // the client has gone, or the deadline has passed
        }
    }

    /**
     * Records that the connection now speaks another protocol than HTTP. Only the connection's own thread may call
     * this.
     */
    void upgraded() {
        progress.upgraded(System.nanoTime());
        connections.upgraded(this);
    }

    /**
     * Upgrades the connection to a protocol that waits without a thread. Only the connection's own thread may call
     * this, and only after all writes are done.
     *
     * @throws IOException when the client has gone
     */
    Transport transport() throws IOException {
        var made = tls == null
                ? new PlainTransport(this, connections, channel, loop)
                : new TlsTransport(this, connections, socket);
        transport = made;
        upgraded();
        return made;
    }

    /**
     * Makes the transport responsible for ending the connection. Only the connection's own thread may call this.
     *
     * @return the bytes that were read but not used
     */
    byte[] handOver() {
        isHandedOver = true;
        var early = reader.available();
        return early == 0 ? NOTHING : reader.readBytes(early);
    }

    @Override
    public void abort() {
        var carrying = transport;
        if (carrying != null) carrying.abort();
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            log.atDebug().setCause(e).log("closing a socket failed");
        }
    }

    /** Asks the connection to end after its current request. Without a running request it ends at once. */
    @Override
    public void stop() {
        stopped = true;
        var connection = served;
        if (connection == null || progress.phase() == ConnectionPhase.Phase.LINGER) abort();
        else
            connection.close(false);
    }

    @Override
    public void stopNow() {
        var connection = served;
        if (connection != null) connection.close(true);
    }

    /**
     * Whether the connection can be ended without losing a request. Such a connection has been silent for a while, and
     * no received bytes are unread.
     */
    boolean isDispensable(long now) {
        if (!progress.isDispensable(now)) return false;
        try {
            return channel.socket().getInputStream().available() == 0;
        } catch (IOException _) {
            return true; // the connection is about to end anyway
        }
    }

    @Override
    public ListenerContext listenerContext() {
        return context;
    }

    @Override
    public ExecutorService executor() {
        return context.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public Router router() {
        return context.router();
    }

    @Override
    public HelidonSocket serverSocket() {
        return socket;
    }

    @Override
    public PeerInfo remotePeer() {
        return socket.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return socket.localPeer();
    }

    @Override
    public boolean isSecure() {
        return socket.isSecure();
    }

    @Override
    public String socketId() {
        return socket.socketId();
    }

    @Override
    public String childSocketId() {
        return socket.childSocketId();
    }
}
