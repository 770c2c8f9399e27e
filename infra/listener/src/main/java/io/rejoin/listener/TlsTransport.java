package io.rejoin.listener;

import io.helidon.common.buffers.BufferData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Transport} over a TLS socket. Reads and writes block on such a socket, so both run on virtual threads. One
 * virtual thread reads for as long as the connection is open.
 */
final class TlsTransport extends Transport {
    private static final Logger log = LoggerFactory.getLogger(TlsTransport.class);

    private final TimedSocket socket;
    private final AtomicBoolean broken = new AtomicBoolean();
    /** The thread that is writing now. Only an interrupt ends a blocked write. */
    private final AtomicReference<@Nullable Thread> writer = new AtomicReference<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition goesOn = lock.newCondition();
    private boolean isPaused;

    TlsTransport(Connection connection, Connections connections, TimedSocket socket) {
        super(connection, connections);
        this.socket = socket;
    }

    @Override
    void begin() {
        Thread.ofVirtual().name("tls-reader").start(this::read);
    }

    private void read() {
        try {
            for (var bytes = next(); bytes != null; bytes = next()) handler().received(bytes);
        } catch (UncheckedIOException e) {
            log.atDebug().setCause(e).log("reading failed");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            tellEnd();
        }
    }

    private byte @Nullable [] next() throws InterruptedException {
        lock.lock();
        try {
            while (isPaused) goesOn.await();
        } finally {
            lock.unlock();
        }
        return socket.get();
    }

    @Override
    public void pause() {
        lock.lock();
        try {
            isPaused = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void readOn() {
        lock.lock();
        try {
            isPaused = false;
            goesOn.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) return true;
        Thread.ofVirtual().name("tls-writer").start(() -> writeAll(bytes));
        return false;
    }

    private void writeAll(ByteBuffer bytes) {
        writer.set(Thread.currentThread());
        try {
            if (broken.get()) return; // closeSocket() ran before it could see this thread
            var all = new byte[bytes.remaining()];
            bytes.get(all);
            socket.write(BufferData.create(all));
        } catch (UncheckedIOException e) {
            log.atDebug().setCause(e).log("writing failed");
            abort();
            return;
        } finally {
            writer.set(null);
        }
        handler().writable();
    }

    @Override
    void closeSocket() {
        broken.set(true);
        var stuck = writer.get();
        if (stuck != null) stuck.interrupt();
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            log.atDebug().setCause(e).log("closing a socket failed");
        }
        readOn(); // wakes a paused reader, which then finds the socket closed
    }

    @Override
    void endOutput() throws IOException {
        if (!broken.get()) socket.endOutput();
    }

    @Override
    public String peer() {
        return socket.remotePeer().host();
    }
}
