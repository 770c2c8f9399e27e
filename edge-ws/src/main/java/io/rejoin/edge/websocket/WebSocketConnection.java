package io.rejoin.edge.websocket;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.edge.metrics.SocketMeters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket, from its 101 to the end of its TCP connection. A virtual thread lives as long as it does: the connection's own,
 * which reads and calls the listener. While something is to be sent, there is a writer, which empties the outbox. A third bounds the
 * closing, whatever the two hang in.
 */
final class WebSocketConnection implements ServerConnection, WebSocket {
    private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
    private static final byte[] PING = FrameWriter.ping();
    private static final ThreadFactory WRITERS = Thread.ofVirtual().name("websocket-writer").factory();
    /** The longest it sleeps without a look at whether it still has to. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final ConnectionContext ctx;
    private final WebSocketListener listener;
    private final Duration linger;
    private final SocketMeters meters;
    private final Outbox outbox;
    private final FrameReader frames;
    /** Of the reader alone, as is the time before which it reads nothing more. */
    private final RateLimit rateLimit;
    private long readAgain = System.nanoTime();
    private final Thread reader = Thread.currentThread();
    /** Whoever writes at the moment: what it may be stuck in ends by an interrupt alone. */
    private final AtomicReference<@Nullable Thread> writer = new AtomicReference<>();
    /** Whoever takes it owes {@code onClosed}: the reader, or a close that comes before it. */
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile long lastReceived = System.nanoTime();
    /** Whether the first close frame, from either side, says that the client will not come back. */
    private volatile boolean goodbye;
    /** Of the first close frame; 0 without any. */
    private volatile int closeCode;

    /** Must be made on the connection's reading thread, which will then {@link #handle} it. */
    WebSocketConnection(ConnectionContext ctx, WebSocketListener listener, WebSocketLimits limits,
            SocketMeters meters) {
        this.ctx = ctx;
        this.listener = listener;
        this.linger = limits.linger();
        this.meters = meters;
        this.outbox = new Outbox(limits.outboxBytes(), limits.memory(), meters, this::beginWriting);
        this.frames = new FrameReader(this::receive, limits.messageBytes());
        this.rateLimit = new RateLimit(limits.rates(), System.nanoTime());
    }

    @Override
    public void handle(Limit limit) {
        if (!claimed.compareAndSet(false, true)) return;
        try {
            converse(); // in here: whatever fails, the end is told
        } catch (IOException lost) {
            log.atDebug().addKeyValue("peer", ctx.remotePeer().host()).setCause(lost).log("connection lost");
        } finally {
            end();
        }
    }

    private void converse() throws IOException {
        try {
            listener.onOpen(this);
            while (true) {
                var incoming = frames.next();
                meters.receivedFrame();
                switch (incoming) {
                    case Incoming.Text(var text) -> {
                        if (isOpen()) listener.onText(text);
                    }
                    case Incoming.Binary binary -> {
                        if (isOpen()) listener.onBinary(binary.bytes());
                    }
                    case Incoming.Ping(var payload) -> outbox.offerReply(FrameWriter.pong(payload));
                    case Incoming.Pong _ -> {
                    }
                    case Incoming.Close(var code, var _) -> {
                        close(code, "", code != CloseCode.GOING_AWAY.number()); // a page that reloads says 1001
                        return;
                    }
                    case Incoming.End _ -> throw new IOException("the stream ended without a close frame");
                }
                countMessage();
            }
        } catch (ProtocolException violation) {
            close(violation.closeCode().number(), String.valueOf(violation.getMessage()));
            frames.skipToClose();
        } catch (RuntimeException fault) {
            meters.failed();
            log.atError().setCause(fault).log("a WebSocket listener failed, its connection is closed");
            close(CloseCode.INTERNAL_ERROR.number(), "internal error");
            frames.skipToClose();
        }
    }

    private void end() {
        try {
            if (outbox.isOpen()) abort(); // lost: whom should the rest be sent to
            outbox.awaitWritten(); // bounded: closing began, and so did the linger
        } catch (InterruptedException _) {
            abort();
            Thread.currentThread().interrupt();
        } finally {
            closed();
        }
    }

    /** Tells the listener, which is to do its last work undisturbed even when a stopping server interrupts this thread. */
    private void closed() {
        var interrupted = Thread.interrupted();
        try {
            if (closeCode == 0) meters.lost();
            else
                meters.closed(closeCode);
            listener.onClosed(!goodbye);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private void countMessage() throws ProtocolException {
        count(1, 0);
        if (rateLimit.isHopeless())
            throw new ProtocolException(CloseCode.RATE_LIMITED, "too much for too long: wait, then come back");
    }

    private void count(int messages, int bytes) {
        var now = System.nanoTime();
        readAgain = now + rateLimit.take(messages, bytes, now).toNanos();
    }

    /** A client that sends too fast is not read from: its own buffers fill, nobody else's. */
    private void pause() throws IOException {
        try {
            for (var left = left(); left.isPositive() && isOpen(); left = left()) {
                Thread.sleep(left.compareTo(LONGEST_PAUSE) < 0 ? left : LONGEST_PAUSE);
                lastReceived = System.nanoTime(); // it is not the client that is silent
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Duration left() {
        return Duration.ofNanos(readAgain - System.nanoTime());
    }

    private byte[] receive() throws IOException {
        pause();
        try {
            var in = ctx.dataReader();
            in.ensureAvailable();
            lastReceived = System.nanoTime();
            var bytes = in.readBytes(in.available());
            count(0, bytes.length);
            meters.received(bytes.length);
            return bytes;
        } catch (DataReader.InsufficientDataAvailableException _) {
            return new byte[0];
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw new IOException("reading failed", e);
        }
    }

    private void beginWriting() {
        WRITERS.newThread(this::write).start();
    }

    private void write() {
        writer.set(Thread.currentThread());
        try {
            for (var batch = outbox.take(); batch.length > 0; batch = outbox.take()) {
                ctx.dataWriter().writeNow(BufferData.create(batch));
            }
        } catch (UncheckedIOException | SocketWriterException | CloseConnectionException e) {
            log.atDebug().addKeyValue("peer", ctx.remotePeer().host()).setCause(e).log("writing failed");
            abort();
        } finally {
            writer.compareAndSet(Thread.currentThread(), null); // else the next one has begun
        }
    }

    /** Ends the TCP connection under both threads. An interrupt closes the channel that a writer is stuck in. */
    private void abort() {
        outbox.abandon();
        var stuck = writer.get();
        if (stuck != null) stuck.interrupt();
        try {
            ctx.serverSocket().close();
        } catch (UncheckedIOException _) {
            // closed already
        }
    }

    @Override
    public void close(int code, String reason) {
        close(code, reason, !CloseCode.isReconnect(code));
    }

    private void close(int code, String reason, boolean isGoodbye) {
        if (!outbox.close(FrameWriter.close(code, reason))) return;
        goodbye = isGoodbye;
        closeCode = code;
        Thread.ofVirtual().name("websocket-linger").start(() -> {
            try {
                if (!reader.join(linger)) abort();
            } catch (InterruptedException _) {
                abort();
            }
        });
    }

    /** The server's, when it stops: first asked nicely, then with {@code interrupt}. */
    @Override
    public void close(boolean interrupt) {
        if (claimed.compareAndSet(false, true)) {
            closed(); // never handled: nobody else will
            return;
        }
        if (interrupt && !isOpen()) abort();
        else
            close(CloseCode.GOING_AWAY.number(), "the server is going away");
    }

    @Override
    public Duration idleTime() {
        return Duration.ofNanos(System.nanoTime() - lastReceived);
    }

    @Override
    public boolean offerMessage(byte[] frame) {
        return outbox.offer(frame);
    }

    @Override
    public boolean offerCopy(byte[] frame) {
        return outbox.offerCopy(frame);
    }

    @Override
    public boolean offerReply(byte[] frame) {
        return outbox.offerReply(frame);
    }

    @Override
    public boolean awaitRoom(int length, Duration atMost) throws InterruptedException {
        return outbox.awaitRoom(length, atMost);
    }

    @Override
    public void whenSent(Runnable sent) {
        outbox.whenSent(sent);
    }

    @Override
    public void ping() {
        outbox.offerReply(PING);
    }

    @Override
    public long lastReceived() {
        return lastReceived;
    }

    @Override
    public boolean isOpen() {
        return outbox.isOpen();
    }
}
