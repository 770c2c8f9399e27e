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

/** An accepted socket that records each read and write in the {@link ConnectionPhase} of its connection. */
final class TimedSocket implements HelidonSocket {
    /** The first byte of a TLS connection: the record type of a handshake (RFC 8446, section 5.1). */
    private static final byte TLS_HANDSHAKE = 22;
    private static final String[] HTTP = {"http/1.1"};

    private final SocketChannel channel;
    private final String id;
    private final String listenerId;
    /** A TLS socket after {@link #encrypt}, which runs before any other read or write. */
    private PlainSocket socket;
    private @Nullable SSLSocket encrypted;
    private final ConnectionPhase progress;

    /** @param listenerId the listener's name in Helidon's logs */
    TimedSocket(SocketChannel channel, String id, String listenerId, ConnectionPhase progress) {
        this.channel = channel;
        this.id = id;
        this.listenerId = listenerId;
        this.socket = PlainSocket.server(channel.socket(), id, listenerId);
        this.progress = progress;
    }

    /**
     * Does the TLS handshake. Call this before any read or write, on the thread that does them.
     *
     * @return false when the client does not speak TLS; the socket then stays unencrypted, and the bytes read so far
     *         are lost
     */
    boolean encrypt(SSLContext context) throws IOException {
        progress.reads(System.nanoTime());
        var plain = channel.socket();
        var first = plain.getInputStream().readNBytes(1);
        if (first.length == 0) throw new EOFException("the client sent nothing");
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
     * Sends the end of the stream, so that the client can tell a normal end from a broken connection. May block while
     * the client does not read; {@link #close} from another thread ends the wait.
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

    /** Closes the socket. Reads and writes that wait on it end. */
    @Override
    public void close() {
        try {
            if (channel.isOpen()) channel.shutdownOutput();
        } catch (IOException _) {
            // the client has closed first
        } finally {
            closeChannel();
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a socket failed", e);
        }
    }

    @Override
    @SuppressWarnings("removal") // deprecated, but the interface still requires this method
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
