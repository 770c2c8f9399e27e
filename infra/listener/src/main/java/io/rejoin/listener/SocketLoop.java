package io.rejoin.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for what clients send, and until they take what is sent, for all connections with a {@link PlainTransport}. One thread runs it. */
final class SocketLoop implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SocketLoop.class);
    /** Taken of one connection at a time, so that the others have their turn. */
    private static final int READ = 16 * 1024;

    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
    private volatile boolean closed;

    SocketLoop() throws IOException {
        this.selector = Selector.open();
    }

    /**
     * Takes a channel that does not block. Its {@link PlainTransport} is to be attached, and to say what it waits for.
     *
     * @throws IOException when it was closed
     */
    SelectionKey register(SocketChannel channel) throws IOException {
        return channel.register(selector, 0);
    }

    /** Lets what was changed of a key hold at once, and lets go of a channel that was closed. */
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
        } catch (RuntimeException fault) { // of one connection: the others go on
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
