package io.rejoin.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until sockets can be read or written, for all connections with a {@link PlainTransport}. One thread runs the
 * loop.
 */
final class SocketLoop implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SocketLoop.class);
    /** The most bytes read from a connection per turn, so that the other connections get their turn. */
    private static final int READ = 16 * 1024;

    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
    private volatile boolean closed;

    SocketLoop() throws IOException {
        this.selector = Selector.open();
    }

    /**
     * Registers a non-blocking channel. The caller attaches the {@link PlainTransport} to the key and sets the
     * operations to wait for.
     *
     * @throws IOException when the channel is closed
     */
    SelectionKey register(SocketChannel channel) throws IOException {
        return channel.register(selector, 0);
    }

    /** Makes the loop apply changed keys at once and drop closed channels. */
    void wakeUp() {
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!closed) selector.select(this::ready);
        } catch (IOException e) {
            throw new UncheckedIOException("waiting for sockets failed", e);
        } finally {
            closeSelector();
        }
    }

    private void ready(SelectionKey key) {
        var transport = (PlainTransport) key.attachment();
        try {
            transport.ready(buffer);
        } catch (RuntimeException fault) { // a fault in one connection must not end the others
            log.atError().setCause(fault).log("a connection failed");
            transport.abort();
        }
    }

    /** Ends {@link #run}. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }

    private void closeSelector() {
        try {
            selector.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a selector could not be closed");
        }
    }
}
