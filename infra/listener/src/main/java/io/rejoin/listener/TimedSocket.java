package io.rejoin.listener;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.PlainSocket;
import io.helidon.common.socket.TlsSocket;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** An accepted socket that tells its connection's {@link Progress} what passes. */
final class TimedSocket implements HelidonSocket {
    /** The first byte of a connection that begins with TLS: RFC 8446, section 5.1. */
    private static final byte TLS_HANDSHAKE = 22;
    private static final String[] HTTP = {"http/1.1"};

    private final SocketChannel channel;
    private final String id;
    private final String listenerId;
    /** Encrypted since {@link #encrypt}, which comes before all reading and writing. */
    private PlainSocket socket;
    private @Nullable SSLSocket encrypted;
    private final Progress progress;

    /** @param listenerId names the listener in what Helidon logs */
    TimedSocket(SocketChannel channel, String id, String listenerId, Progress progress) {
        this.channel = channel;
        this.id = id;
        this.listenerId = listenerId;
        this.socket = PlainSocket.server(channel.socket(), id, listenerId);
        this.progress = progress;
    }

    /**
     * Shakes hands. To be called before anything is read or written, on the thread that will.
     *
     * @return false when what comes is no TLS; nothing is encrypted then, and what came is not to be understood
     */
    boolean encrypt(SSLContext context) throws IOException {
        progress.reads(System.nanoTime());
        var plain = channel.socket();
        var first = plain.getInputStream().readNBytes(1);
        if (first.length == 0) throw new EOFException("the client said nothing");
        if (first[0] != TLS_HANDSHAKE) return false;
        var tls = (SSLSocket) context.getSocketFactory().createSocket(plain, new ByteArrayInputStream(first), true);
        var parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(HTTP);
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        encrypted = tls;
        socket = TlsSocket.server(tls, id, listenerId);
        return true;
    }

    /**
     * Tells the client that nothing more comes, so that it knows the end from a connection that broke. May wait for a client that
     * does not read; closing from another thread ends that.
     */
    void endOutput() throws IOException {
        if (encrypted != null) encrypted.shutdownOutput();
        channel.shutdownOutput();
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
        return encrypted != null;
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
