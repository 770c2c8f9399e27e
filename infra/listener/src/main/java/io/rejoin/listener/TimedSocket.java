package io.rejoin.listener;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.PlainSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;

/** An accepted socket that tells its connection's {@link Progress} what passes. */
final class TimedSocket implements HelidonSocket {
    private final SocketChannel channel;
    private final PlainSocket socket;
    private final Progress progress;

    /** @param listenerId names the listener in what Helidon logs */
    TimedSocket(SocketChannel channel, String id, String listenerId, Progress progress) {
        this.channel = channel;
        this.socket = PlainSocket.server(channel.socket(), id, listenerId);
        this.progress = progress;
    }

    @Override
    public byte[] get() {
        progress.reads(System.nanoTime());
        var bytes = socket.get();
        progress.hasRead(System.nanoTime());
        return bytes;
    }

    @Override
    public void write(BufferData buffer) {
        progress.writes(System.nanoTime());
        socket.write(buffer);
        progress.hasWritten(System.nanoTime());
    }

    /** Closes it in any case, and what waits in it ends. */
    @Override
    public void close() {
        try {
            if (channel.isOpen()) channel.shutdownOutput();
        } catch (IOException _) {
            // the other side was faster
        } finally {
            closeChannel();
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a socket", e);
        }
    }

    @Override
    @SuppressWarnings("removal") // the interface still wants it
    public int read(BufferData buffer) {
        progress.reads(System.nanoTime());
        var count = socket.read(buffer);
        progress.hasRead(System.nanoTime());
        return count;
    }

    @Override
    public void idle() {
        socket.idle();
    }

    @Override
    public boolean isConnected() {
        return channel.isOpen();
    }

    @Override
    public PeerInfo remotePeer() {
        return socket.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return socket.localPeer();
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public String socketId() {
        return socket.socketId();
    }

    @Override
    public String childSocketId() {
        return socket.childSocketId();
    }
}
