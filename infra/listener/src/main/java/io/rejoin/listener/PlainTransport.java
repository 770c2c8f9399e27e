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

/** A socket that is not encrypted and does not block. A {@link SocketLoop} waits for it. */
final class PlainTransport extends Transport {
    private static final Logger log = LoggerFactory.getLogger(PlainTransport.class);

    private final SocketChannel channel;
    private final SocketLoop loop;
    private final SelectionKey key;

    /**
     * Of a connection on which nobody waits for bytes.
     *
     * @throws IOException when it was closed
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
            tellEnd(); // it was closed before there was anybody to tell
    }

    /** Of the loop's thread alone. */
    void ready(ByteBuffer buffer) {
        try {
            if (key.isWritable()) {
                key.interestOpsAnd(~OP_WRITE);
                handler().writable();
            }
            if (key.isReadable()) read(buffer);
        } catch (CancelledKeyException _) {
            tellEnd(); // it was closed meanwhile
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
            // it was closed: nothing is read
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
            // it was closed: that is told
        }
    }

    @Override
    void closeSocket() {
        try {
            channel.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a socket could not be closed in good order");
        }
        loop.wakeUp(); // lets go of it
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
            return "a client that has gone";
        }
    }
}
