package io.rejoin.link;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router's end of one stream. One thread reads what the edge sends, and another one writes the queued frames,
 * several at once. The queue is bounded: an edge that reads too slowly, or is silent, loses its stream.
 *
 * <p>Both threads are platform threads. To wake a virtual thread that waits for a socket takes two other threads, and
 * here data arrives hundreds of times a second.
 */
final class ServerStream implements ServerConnection, EdgeStream {
    private static final Logger log = LoggerFactory.getLogger(ServerStream.class);
    /** After this pause the router sends a heartbeat, {@link Frame.Alive}. */
    static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(2);
    private static final byte[] HEARTBEAT_FRAME = LinkFrameCodec.encode(new Frame.Alive());

    private final ConnectionContext ctx;
    private final LinkListener listener;
    private final QueueBudget budget;
    private final Duration maxSilence;
    private final FrameQueue queue = new FrameQueue();
    private final Thread writer = Thread.ofPlatform().name("link-writer").daemon().unstarted(this::write);
    private volatile long lastFrameAt = System.nanoTime();
    private Frame.@Nullable Hello hello;

    /** @param maxSilence maximum silence of the edge; after it the edge counts as failed */
    ServerStream(ConnectionContext ctx, LinkListener listener, QueueBudget budget, Duration maxSilence) {
        this.ctx = ctx;
        this.listener = listener;
        this.budget = budget;
        this.maxSilence = maxSilence;
    }

    @Override
    public Frame.Hello hello() {
        return Objects.requireNonNull(hello, "the edge has not sent hello yet");
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        var serving = new FutureTask<@Nullable Void>(this::serve, null);
        Thread.ofPlatform().name("link-reader").daemon().start(serving);
        try {
            serving.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a stream to an edge failed", e.getCause());
        } finally {
            close();
        }
    }

    private void serve() {
        var in = input(ctx.dataReader());
        writer.start();
        try {
            if (!(readFrame(in) instanceof Frame.Hello first))
                throw new IOException("an edge did not send hello first");
            hello = first;
            budget.addStream();
            try {
                listener.onOpened(this);
                readFrames(in, first.edge());
            } finally {
                listener.onEnded(this);
                budget.removeStream();
            }
        } catch (IOException | UncheckedIOException | CloseConnectionException e) {
            log.atDebug().addKeyValue("peer", ctx.remotePeer().host()).setCause(e).log("a stream to an edge broke");
        } finally {
            close();
        }
    }

    private void readFrames(InputStream in, String edge) throws IOException {
        for (var frame = readFrame(in); frame != null; frame = readFrame(in)) {
            lastFrameAt = System.nanoTime();
            switch (frame) {
                case Frame.Positions positions -> listener.onPositions(this, positions);
                case Frame.Appended appended -> listener.onAppended(this, appended);
                case Frame.Hello _,Frame.Begins _,Frame.Ends _,Frame.Deliveries _,Frame.Alive _ ->
                    throw new IOException("edge " + edge + " sent a second hello, or a frame that only routers send: "
                            + frame.getClass().getSimpleName());
            }
        }
    }

    private static @Nullable Frame readFrame(InputStream in) throws IOException {
        return LinkFrameCodec.read(in, LinkFrameCodec.MAX_BYTES_FROM_EDGE);
    }

    @Override
    public void send(byte[] frame) {
        var maxWaitingBytes = budget.bytesPerStream();
        if (!isSilent() && queue.offer(frame, maxWaitingBytes)) return; // a blocked writer cannot see the silence
        if (queue.isClosed()) return;
        log.atWarn().addKeyValue("edge", hello == null ? null : hello.edge()).addKeyValue("bytes", maxWaitingBytes)
                .log("an edge reads too slowly or is silent: the router closes the stream, and the edge opens another");
        close();
    }

    private void write() {
        try {
            for (var next = queue.takeBatch(HEARTBEAT_INTERVAL); next != null; next = queue
                    .takeBatch(HEARTBEAT_INTERVAL)) {
                if (isSilent()) throw new UncheckedIOException(new IOException("the edge is silent"));
                ctx.dataWriter().writeNow(BufferData.create(next.length == 0 ? HEARTBEAT_FRAME : next));
            }
        } catch (UncheckedIOException | SocketWriterException | CloseConnectionException e) {
            log.atDebug().addKeyValue("peer", ctx.remotePeer().host()).setCause(e).log("writing to an edge failed");
            close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the stream has ended
        }
    }

    private boolean isSilent() {
        return System.nanoTime() - lastFrameAt > maxSilence.toNanos();
    }

    @Override
    public void close() {
        queue.close();
        try {
            ctx.serverSocket().close();
        } catch (UncheckedIOException _) {
            // the socket was closed already
        }
    }

    /**
     * Called when the listener stops. Other routers then take over this router's shards, and the edge has streams to
     * them.
     */
    @Override
    public void close(boolean interrupt) {
        close();
    }

    @Override
    public Duration idleTime() {
        return Duration.ofNanos(System.nanoTime() - lastFrameAt);
    }

    private static InputStream input(DataReader reader) {
        return new InputStream() {
            @Override
            public int read() {
                return isAtEnd() ? -1 : reader.read() & 0xff;
            }

            @Override
            public int read(byte[] into, int at, int most) {
                if (most == 0) return 0;
                if (isAtEnd()) return -1;
                var bytes = reader.readBytes(Math.min(most, reader.available()));
                System.arraycopy(bytes, 0, into, at, bytes.length);
                return bytes.length;
            }

            private boolean isAtEnd() {
                try {
                    reader.ensureAvailable();
                    return false;
                } catch (DataReader.InsufficientDataAvailableException _) {
                    return true;
                }
            }
        };
    }
}
