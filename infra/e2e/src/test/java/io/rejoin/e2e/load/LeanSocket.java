package io.rejoin.e2e.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A small WebSocket client, for thousands in one process: one blocking socket and a small buffer. One virtual thread
 * reads it. It accepts unfragmented text messages, answers pings by itself and supports no extension (RFC 6455).
 */
final class LeanSocket implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int FIRST_BUFFER = 512;
    private static final int MAX_MESSAGE = 1 << 20;
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int start;
    private int end;
    private long heard = System.nanoTime();
    private volatile @Nullable Integer closeCode;

    /** The server answered the upgrade request with another status than 101. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refused(int status) {
            super("the upgrade was answered with " + status);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** A text message, as bytes in a buffer that is valid until the next read. */
    record Text(ByteBuffer bytes) {
        String string() {
            return UTF_8.decode(bytes.duplicate()).toString();
        }
    }

    private LeanSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /**
     * Connects and upgrades, with TLS if the scheme is {@code wss}.
     *
     * @throws Refused     when the server refuses the upgrade
     * @throws IOException when the server cannot be reached, or does not answer in time
     */
    static LeanSocket connect(URI uri) throws IOException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), (int) CONNECT.toMillis());
            var lean = new LeanSocket(uri.getScheme().equals("wss") ? encrypted(socket, uri) : socket);
            lean.upgrade(uri);
            return lean;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Adds TLS; this JVM's settings define which certificates are trusted. */
    private static Socket encrypted(Socket socket, URI uri) throws IOException {
        return ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, uri.getHost(), uri.getPort(),
                true);
    }

    /**
     * Reads the next message.
     *
     * @param atMost how long to wait for bytes; at least a millisecond
     * @return null when no message arrived in time, or a ping arrived
     * @throws IOException when the connection has ended; {@link #closeCode} may hold the reason
     */
    @Nullable
    Text read(Duration atMost) throws IOException {
        socket.setSoTimeout((int) Math.max(1, atMost.toMillis()));
        try {
            while (true) {
                var length = frame();
                var opcode = buffer[start] & 0x7f;
                var payload = ByteBuffer.wrap(buffer, start + header(), length);
                start += header() + length;
                switch (opcode) {
                    case TEXT -> {
                        return new Text(payload);
                    }
                    case PING -> {
                        send(PONG, Arrays.copyOfRange(buffer, payload.position(), payload.limit()));
                        return null;
                    }
                    case CLOSE -> {
                        if (length >= 2) closeCode = (int) payload.getChar();
                        throw new EOFException("closed with " + closeCode);
                    }
                    default -> {
                        // a pong needs no answer
                    }
                }
            }
        } catch (SocketTimeoutException _) {
            return null;
        }
    }

    /** Sends a text message; blocks while the server does not read. */
    void send(String text) throws IOException {
        send(TEXT, text.getBytes(UTF_8));
    }

    /** The time when bytes last arrived, by {@link System#nanoTime}. Only for the reading thread. */
    long heard() {
        return heard;
    }

    /** The code of the server's close frame; null if none arrived. */
    @Nullable
    Integer closeCode() {
        return closeCode;
    }

    /** Resets the TCP connection, so that its port is free at once. Any thread may call it. */
    @Override
    public void close() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException _) {
            // it is closed already
        }
        try {
            socket.close();
        } catch (IOException _) {
            // the socket is unusable either way
        }
    }

    /** Waits for a complete frame at {@code start}; returns the length of its payload. */
    private int frame() throws IOException {
        require(2);
        if ((buffer[start] & FINAL) == 0) throw new IOException("a fragmented message, which this server never sends");
        require(header());
        var length = switch (buffer[start + 1] & 0x7f) {
            case 126 -> ByteBuffer.wrap(buffer).getChar(start + 2);
            case 127 -> ByteBuffer.wrap(buffer).getLong(start + 2);
            default -> buffer[start + 1] & 0x7f;
        };
        if (length > MAX_MESSAGE) throw new IOException("a message of " + length + " bytes is too large");
        require(header() + (int) length);
        return (int) length;
    }

    private int header() {
        return switch (buffer[start + 1] & 0x7f) {
            case 126 -> 4;
            case 127 -> 10;
            default -> 2;
        };
    }

    /** Reads until so many bytes are in the buffer. Bytes that arrived before a timeout stay there. */
    private void require(int bytes) throws IOException {
        if (end - start >= bytes) return;
        var fits = bytes <= buffer.length ? buffer : new byte[Math.max(bytes, 2 * buffer.length)];
        System.arraycopy(buffer, start, fits, 0, end - start);
        end -= start;
        start = 0;
        buffer = fits;
        while (end < bytes) {
            var read = in.read(buffer, end, buffer.length - end);
            if (read < 0) throw new EOFException("the connection ended");
            end += read;
            heard = System.nanoTime();
        }
    }

    private void send(int opcode, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(payload.length + 14).put((byte) (FINAL | opcode));
        if (payload.length < 126) frame.put((byte) (MASKED | payload.length));
        else if (payload.length < 1 << 16) frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
        else
            frame.put((byte) (MASKED | 127)).putLong(payload.length);
        var mask = ThreadLocalRandom.current().nextInt();
        frame.putInt(mask);
        for (var i = 0; i < payload.length; i++) frame.put((byte) (payload[i] ^ (mask >>> (24 - 8 * (i & 3)))));
        synchronized (out) { // the reader's pongs and the writer's messages must not mix
            out.write(frame.array(), 0, frame.position());
        }
    }

    private void upgrade(URI uri) throws IOException {
        var query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        out.write(("GET " + uri.getRawPath() + query + " HTTP/1.1\r\nHost: " + uri.getHost() + ":" + uri.getPort()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").getBytes(ISO_8859_1));
        socket.setSoTimeout((int) CONNECT.toMillis());
        var length = 4;
        require(length);
        while (!endsHeaders(length)) require(++length);
        var status = new String(buffer, start, length, ISO_8859_1).split(" ", 3);
        start += length;
        if (status.length < 2 || !status[1].matches("\\d{3}")) throw new IOException("no HTTP answer to the upgrade");
        if (!status[1].equals("101")) throw new Refused(Integer.parseInt(status[1]));
    }

    private boolean endsHeaders(int length) {
        var at = start + length - 4;
        return buffer[at] == '\r' && buffer[at + 1] == '\n' && buffer[at + 2] == '\r' && buffer[at + 3] == '\n';
    }
}
