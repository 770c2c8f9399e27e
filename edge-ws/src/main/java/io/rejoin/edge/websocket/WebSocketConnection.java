package io.rejoin.edge.websocket;

import io.helidon.common.concurrency.limits.Limit;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.edge.metrics.SocketMeters;
import io.rejoin.listener.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket, from the 101 response that it sends to the end of its TCP connection. It has a thread only while there
 * is work to do. A virtual reader thread reads the received bytes and calls the listener. Whoever queues a frame also
 * writes it, as far as the socket accepts it at once. A separate thread limits the time that closing takes, whatever
 * the connection waits for.
 */
final class WebSocketConnection implements WebSocket, Transport.Handler, Inbox.Source {
    private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
    private static final byte[] PING = FrameWriter.ping();
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final ThreadFactory READERS = Thread.ofVirtual().name("websocket-reader").factory();
    /** The longest single sleep before the reader checks again whether it still has to wait. */
    private static final Duration MAX_SLEEP = Duration.ofSeconds(1);

    private final Transport transport;
    private final WebSocketListener listener;
    private final Duration linger;
    private final SocketMeters meters;
    private final Inbox inbox;
    private final Outbox outbox;
    private final FrameReader frames;
    /** For the reader only. */
    private final RateLimit rateLimit;
    /** The reader reads nothing before this time, by {@link System#nanoTime}. For the reader only. */
    private long readNotBefore = System.nanoTime();
    /** The bytes that the current writer is writing; for the writer only. */
    private ByteBuffer unwritten = EMPTY;
    /**
     * Whether it is decided who calls {@code onClosed}. If {@link #handle} sets this, the reader calls it. If the
     * server stops before that, {@link #close(boolean)} sets this and calls it, because there will be no reader.
     */
    private final AtomicBoolean isStartedOrClosed = new AtomicBoolean();
    private final CountDownLatch closedLatch = new CountDownLatch(1);
    private volatile long lastReceivedAt = System.nanoTime();
    /** Whether the first close frame, from either side, means that the client will not come back. */
    private volatile boolean isFinalClose;
    /** The code of the first close frame, from either side; 0 without any. */
    private volatile int closeCode;

    /**
     * Creates a connection that starts with {@link #handle}.
     *
     * @param answer the response to the upgrade request; sent together with the frames that the listener queues in
     *               {@code onOpen}
     */
    WebSocketConnection(Transport transport, byte[] answer, WebSocketListener listener, WebSocketLimits limits,
            SocketMeters meters) {
        this.transport = transport;
        this.listener = listener;
        this.linger = limits.linger();
        this.meters = meters;
        this.inbox = new Inbox(this, () -> READERS.newThread(this::read).start());
        this.outbox = new Outbox(limits.outboxBytes(), limits.memory(), meters, () -> Cork.write(this::write),
                answer);
        this.frames = new FrameReader(this::receive, limits.messageBytes());
        this.rateLimit = new RateLimit(limits.rates(), System.nanoTime());
    }

    /** Opens the connection, and reads the bytes that have arrived already. */
    @Override
    public void handle(Limit limit) {
        if (!isStartedOrClosed.compareAndSet(false, true)) return;
        transport.begin(this);
        read(() -> Cork.hold(() -> {
            outbox.sendPrefix();
            listener.onOpen(this);
        }));
    }

    private void read() {
        read(() -> {});
    }

    /** Reads until no bytes wait, or until the connection is over. */
    private void read(Runnable before) {
        var mustEnd = true; // the connection must end after any failure
        try {
            mustEnd = handleMessages(before);
        } catch (IOException lost) {
            log.atDebug().addKeyValue("peer", transport.peer()).setCause(lost).log("connection lost");
        } finally {
            if (mustEnd) endConnection();
        }
    }

    /** Handles messages while bytes wait. Returns whether the connection is over. */
    private boolean handleMessages(Runnable before) throws IOException {
        try {
            before.run();
            while (frames.hasBytes() || !inbox.endReaderIfEmpty()) {
                var incoming = frames.next();
                meters.countReceivedFrame();
                if (handleIncoming(incoming)) return true;
                countMessage();
            }
            return false;
        } catch (ProtocolException violation) {
            close(violation.closeCode().number(), String.valueOf(violation.getMessage()));
            frames.skipToClose();
        } catch (RuntimeException fault) {
            meters.countFailed();
            log.atError().setCause(fault).log("a WebSocket listener failed, its connection is closed");
            close(CloseCode.INTERNAL_ERROR.number(), "internal error");
            frames.skipToClose();
        }
        return true;
    }

    /** Handles a message or control frame. Returns whether it was the last one. */
    private boolean handleIncoming(Incoming incoming) throws IOException {
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
                close(code, "", code != CloseCode.GOING_AWAY.number()); // a page that reloads sends 1001
                return true;
            }
            case Incoming.End _ -> throw new IOException("the stream ended without a close frame");
        }
        return false;
    }

    private void endConnection() {
        try {
            if (outbox.isOpen()) abort(); // lost: nobody can receive the rest
            outbox.awaitWriterEnd(); // bounded: closing has begun, and with it the linger
        } catch (InterruptedException _) {
            abort();
            Thread.currentThread().interrupt();
        } finally {
            try {
                notifyClosed();
            } finally {
                transport.end();
            }
        }
    }

    /**
     * Calls the listener's {@code onClosed} without a pending interrupt. A stopping server may interrupt this thread,
     * and the listener must still finish its work.
     */
    private void notifyClosed() {
        var interrupted = Thread.interrupted();
        try {
            if (closeCode == 0) meters.countLost();
            else
                meters.countClosed(closeCode);
            listener.onClosed(!isFinalClose);
        } finally {
            closedLatch.countDown();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private void countMessage() throws ProtocolException {
        consumeRate(1, 0);
        if (rateLimit.isOverLimitTooLong())
            throw new ProtocolException(CloseCode.RATE_LIMITED, "the client sends too much: wait, then reconnect");
    }

    private void consumeRate(int messages, int bytes) {
        var now = System.nanoTime();
        readNotBefore = now + rateLimit.consume(messages, bytes, now).toNanos();
    }

    /** Waits while the client is over its rate. A client that is not read from fills its own buffers, nobody else's. */
    private void awaitRate() throws IOException {
        try {
            for (var wait = remainingWait(); wait.isPositive() && isOpen(); wait = remainingWait()) {
                Thread.sleep(wait.compareTo(MAX_SLEEP) < 0 ? wait : MAX_SLEEP);
                lastReceivedAt = System.nanoTime(); // this server caused the silence, not the client
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Duration remainingWait() {
        return Duration.ofNanos(readNotBefore - System.nanoTime());
    }

    private byte[] receive() throws IOException {
        awaitRate();
        try {
            var bytes = inbox.next();
            consumeRate(0, bytes.length);
            meters.countReceivedBytes(bytes.length);
            return bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void received(byte[] bytes) {
        lastReceivedAt = System.nanoTime();
        inbox.add(bytes);
    }

    @Override
    public void ended() {
        inbox.end();
    }

    @Override
    public void pause() {
        transport.pause();
    }

    @Override
    public void resume() {
        transport.readOn();
    }

    @Override
    public void writable() {
        write();
    }

    /** Writes until nothing waits or the socket accepts no more. {@link #writable} then continues. */
    private void write() {
        try {
            while (transport.write(unwritten)) {
                unwritten = EMPTY; // before the outbox lets another thread write
                var batch = outbox.takeBatch();
                if (batch.length == 0) return;
                unwritten = ByteBuffer.wrap(batch);
            }
        } catch (IOException e) {
            log.atDebug().addKeyValue("peer", transport.peer()).setCause(e).log("writing failed");
            abort();
        } catch (RuntimeException fault) { // must not reach the caller: it may have other connections to write to
            meters.countFailed();
            log.atError().setCause(fault).log("writing failed, the connection is closed");
            abort();
        }
    }

    /** Ends the TCP connection at once, even while other threads read or write. */
    private void abort() {
        outbox.discard();
        transport.abort();
    }

    @Override
    public void close(int code, String reason) {
        close(code, reason, !CloseCode.isReconnect(code));
    }

    private void close(int code, String reason, boolean isFinal) {
        if (!outbox.close(FrameWriter.close(code, reason))) return;
        isFinalClose = isFinal;
        closeCode = code;
        Thread.ofVirtual().name("websocket-linger").start(() -> {
            try {
                if (!closedLatch.await(linger.toMillis(), TimeUnit.MILLISECONDS)) abort();
            } catch (InterruptedException _) {
                abort();
            }
        });
    }

    /**
     * Closes the connection when the server stops. The server first calls this with false, later with
     * {@code interrupt}.
     */
    @Override
    public void close(boolean interrupt) {
        if (isStartedOrClosed.compareAndSet(false, true)) {
            notifyClosed(); // never handled: no reader will do this
            return;
        }
        if (interrupt && !isOpen()) abort();
        else
            close(CloseCode.GOING_AWAY.number(), "the server is going away");
    }

    @Override
    public Duration idleTime() {
        return Duration.ofNanos(System.nanoTime() - lastReceivedAt);
    }

    @Override
    public boolean offerMessage(byte[] frame) {
        return outbox.offer(frame);
    }

    @Override
    public boolean offerUnshared(byte[] frame) {
        return outbox.offerUnshared(frame);
    }

    @Override
    public boolean offerReply(byte[] frame) {
        return outbox.offerReply(frame);
    }

    @Override
    public boolean awaitSpace(int length, Duration timeout) throws InterruptedException {
        return outbox.awaitSpace(length, timeout);
    }

    @Override
    public void whenSent(Runnable callback) {
        outbox.whenSent(callback);
    }

    @Override
    public void ping() {
        outbox.offerReply(PING);
    }

    @Override
    public long lastReceivedAt() {
        return lastReceivedAt;
    }

    @Override
    public boolean isOpen() {
        return outbox.isOpen();
    }
}
