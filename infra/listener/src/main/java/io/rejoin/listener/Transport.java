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
 * Carries the bytes of an upgraded connection without a waiting thread, so an idle connection needs no thread. Received
 * bytes go to a {@link Handler}. A write sends only as much as the socket accepts at once.
 */
public abstract class Transport implements Accepted {
    private static final Logger log = LoggerFactory.getLogger(Transport.class);

    private final Connections connections;
    /** Null after {@link #begin(Handler)}. */
    private @Nullable Connection connection;
    private final AtomicBoolean hasEnded = new AtomicBoolean();
    private volatile @Nullable Handler handler;

    /**
     * Implements the protocol of an upgraded connection. Its methods must not block, because they may run on a thread
     * that serves all connections. The listener closes the handler when the listener itself closes.
     */
    public interface Handler extends ServerConnection {
        /** Receives bytes from the client. Calls never overlap. */
        void received(byte[] bytes);

        /**
         * Reports that no more bytes will arrive. The client has closed its stream, the connection broke, or
         * {@link #abort} was called. Called once. When another thread called {@link #abort}, one call of
         * {@link #received} or {@link #writable} may still follow.
         */
        void ended();

        /**
         * Reports that at least some of the unwritten bytes can be written now. Called once for each {@link #write}
         * that returned false.
         */
        void writable();
    }

    Transport(Connection connection, Connections connections) {
        this.connection = connection;
        this.connections = connections;
    }

    /**
     * Starts to pass received bytes to the handler. The first are those that arrived right behind the handshake. Call
     * this once, on the connection's own thread; that thread may end afterwards. The connection lasts until
     * {@link #end}.
     */
    public final void begin(Handler beginning) {
        var from = Objects.requireNonNull(connection, "the transport has already begun");
        connection = null; // lets the garbage collector free the HTTP state
        handler = beginning;
        var early = from.handOver();
        if (early.length > 0) beginning.received(early);
        begin();
        if (!connections.handedOver(from, this)) stop();
    }

    /** Starts to call {@link Handler#received}. */
    abstract void begin();

    /** Stops reading until {@link #readOn}. Some bytes may still reach the handler. Never blocks. */
    public abstract void pause();

    /** Resumes reading after {@link #pause}. Never blocks. */
    public abstract void readOn();

    /**
     * Writes as much as the socket accepts at once. Calls must not overlap. After a call returned false, wait for
     * {@link Handler#writable} before the next call.
     *
     * @return true when all bytes are written. If false, do not change the buffer until {@link Handler#writable}, then
     *         pass the remaining bytes again
     * @throws IOException when the connection broke
     */
    public abstract boolean write(ByteBuffer bytes) throws IOException;

    /** Closes the socket at once. Any thread may call this, more than once. */
    @Override
    public final void abort() {
        closeSocket();
        tellEnd();
    }

    abstract void closeSocket();

    /** Sends the end of the stream to the client and closes the connection. Must be the last call. */
    public final void end() {
        try {
            endOutput();
        } catch (IOException | UncheckedIOException e) {
            log.atDebug().setCause(e).log("a connection broke before the last bytes were sent");
        } finally {
            abort();
            connections.ended(this);
        }
    }

    abstract void endOutput() throws IOException;

    /** The client's address, for logs. */
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
        return Objects.requireNonNull(handler, "the transport has not begun");
    }

    /** Calls {@link Handler#ended} unless it was called before. */
    final void tellEnd() {
        var told = handler;
        if (told != null && hasEnded.compareAndSet(false, true)) told.ended();
    }
}
