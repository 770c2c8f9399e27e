package io.rejoin.listener;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link Transport} over an unencrypted, non-blocking socket. A {@link SocketLoop} waits for the socket to be ready.
 */
final class PlainTransport extends Transport {
    private static final Logger log = LoggerFactory.getLogger(PlainTransport.class);

    private final SocketChannel channel;
    private final SocketLoop loop;
    private final SelectionKey key;

    /**
     * Takes over a connection on which no thread is reading.
     *
     * @throws IOException when the channel is closed
     */
    PlainTransport(Connection connection, Connections connections, SocketChannel channel, SocketLoop loop)
            throws IOException {
        super(connection, connections);
        this.channel = channel;
        this.loop = loop;
        channel.configureBlocking(false);
        this.key = loop.register(channel);
        key.attach(this);
    }

    @Override
    void begin() {
        if (key.isValid()) readOn();
        else
            tellEnd(); // the channel was closed before the handler was set
    }

    /** Handles a ready socket. Only the loop's thread may call this. */
    void ready(ByteBuffer buffer) {
        try {
            if (key.isWritable()) {
                key.interestOpsAnd(~OP_WRITE);
                handler().writable();
            }
            if (key.isReadable()) read(buffer);
        } catch (CancelledKeyException _) {
            tellEnd(); // the channel was closed meanwhile
        }
    }

    private void read(ByteBuffer buffer) {
        var count = fill(buffer.clear());
        if (count < 0) {
            pause();
            tellEnd();
        } else if (count > 0) {
            var bytes = new byte[count];
            buffer.flip().get(bytes);
            handler().received(bytes);
        }
    }

    private int fill(ByteBuffer buffer) {
        try {
            return channel.read(buffer);
        } catch (IOException e) {
            log.atDebug().setCause(e).log("reading failed");
            return -1;
        }
    }

    @Override
    public void pause() {
        try {
            key.interestOpsAnd(~OP_READ);
        } catch (CancelledKeyException _) {
            // the channel is closed, so nothing is read
        }
    }

    @Override
    public void readOn() {
        await(OP_READ);
    }

    @Override
    public boolean write(ByteBuffer bytes) throws IOException {
        if (bytes.hasRemaining()) channel.write(bytes);
        if (!bytes.hasRemaining()) return true;
        await(OP_WRITE);
        return false;
    }

    private void await(int operation) {
        try {
            key.interestOpsOr(operation);
            loop.wakeUp();
        } catch (CancelledKeyException _) {
            // the channel is closed; the loop reports the end to the handler
        }
    }

    @Override
    void closeSocket() {
        try {
            channel.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("closing a socket failed");
        }
        loop.wakeUp(); // the selector then drops the closed channel
    }

    @Override
    void endOutput() throws IOException {
        if (channel.isOpen()) channel.shutdownOutput();
    }

    @Override
    public String peer() {
        try {
            return String.valueOf(channel.getRemoteAddress());
        } catch (IOException _) {
            return "a disconnected client";
        }
    }
}
