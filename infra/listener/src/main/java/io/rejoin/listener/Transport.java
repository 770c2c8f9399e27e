package io.rejoin.listener;

import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of a connection that speaks another protocol than HTTP, without a thread that waits for them: what comes is handed
 * over, and a write takes what the client takes at once. So an idle connection has no thread.
 */
public abstract class Transport implements Accepted {
    private static final Logger log = LoggerFactory.getLogger(Transport.class);

    private final Connections connections;
    /** Until it begins. */
    private @Nullable Connection connection;
    private final AtomicBoolean hasEnded = new AtomicBoolean();
    private volatile @Nullable Handler handler;

    /**
     * Who speaks that protocol. Its methods must not block: they may run on a thread that serves all connections. The listener
     * closes it when it ends itself.
     */
    public interface Handler extends ServerConnection {
        /** Bytes came. One call at a time. */
        void received(byte[] bytes);

        /** Nothing more comes: the client has ended its stream, or it broke, or was {@link #abort}ed. The last word, once. */
        void ended();

        /** What a {@link #write} has left can be written, at least some of it. Once for each write that left something. */
        void writable();
    }

    Transport(Connection connection, Connections connections) {
        this.connection = connection;
        this.connections = connections;
    }

    /**
     * Begins to hand over what comes, first what came behind the handshake. To be called once, on the thread that runs the
     * connection, which may end from then on. The connection lasts until {@link #end}.
     */
    public final void begin(Handler beginning) {
        var from = Objects.requireNonNull(connection, "it has begun");
        connection = null; // what HTTP needed is garbage now
        handler = beginning;
        var early = from.handOver();
        if (early.length > 0) beginning.received(early);
        begin();
        if (!connections.handedOver(from, this)) stop();
    }

    /** Begins to call {@link Handler#received}. */
    abstract void begin();

    /** Reads nothing more until {@link #readOn}; a few bytes may still come. Never blocks. */
    public abstract void pause();

    /** Reads on. Never blocks. */
    public abstract void readOn();

    /**
     * Writes what the client takes at once. One call at a time, and none before {@link Handler#writable} once some was left.
     *
     * @return whether it is all written; else the bytes are lent until {@link Handler#writable}, with which the rest is to be written
     * @throws IOException when the connection broke
     */
    public abstract boolean write(ByteBuffer bytes) throws IOException;

    /** Ends it, whatever it is doing. Any thread may, more than once. */
    @Override
    public final void abort() {
        closeSocket();
        tellEnd();
    }

    abstract void closeSocket();

    /** Tells the client that nothing more comes, and closes the connection. The last call. */
    public final void end() {
        try {
            endOutput();
        } catch (IOException | UncheckedIOException e) {
            log.atDebug().setCause(e).log("a connection ended without a last word");
        } finally {
            abort();
            connections.ended(this);
        }
    }

    abstract void endOutput() throws IOException;

    /** The client's address, for a log. */
    public abstract String peer();

    @Override
    public final void stop() {
        close(false);
    }

    @Override
    public final void stopNow() {
        close(true);
    }

    private void close(boolean interrupt) {
        var closed = handler;
        if (closed == null) closeSocket();
        else
            closed.close(interrupt);
    }

    final Handler handler() {
        return Objects.requireNonNull(handler, "it has not begun");
    }

    /** Nothing more comes. */
    final void tellEnd() {
        var told = handler;
        if (told != null && hasEnded.compareAndSet(false, true)) told.ended();
    }
}
