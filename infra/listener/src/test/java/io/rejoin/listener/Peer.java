package io.rejoin.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends exactly the bytes that the test gives it. */
final class Peer implements AutoCloseable {
    private static final int PATIENCE_MS = 30_000;

    private final Socket socket = new Socket();

    Peer(int port) throws IOException {
        socket.setReceiveBufferSize(16 * 1024); // small and fixed, so that it fills soon when nobody reads
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        socket.setTcpNoDelay(true);
    }

    static String get(int port, String path) throws IOException {
        try (var peer = new Peer(port)) {
            return peer.send(head(path, "Connection: close")).readAll();
        }
    }

    static String head(String path, String... headers) {
        var head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (var header : headers) head.append(header).append("\r\n");
        return head.append("\r\n").toString();
    }

    Peer send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return this;
    }

    /** Reads until the given text arrives. */
    String readUntil(String text) throws IOException {
        var read = new ByteArrayOutputStream();
        while (!read.toString(ISO_8859_1).contains(text)) {
            var next = socket.getInputStream().read();
            if (next < 0) throw new IOException("ended after " + read.toString(ISO_8859_1));
            read.write(next);
        }
        return read.toString(ISO_8859_1);
    }

    /** Reads until the server closes. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** Waits until the server ends the connection in any way; false when the wait times out. */
    boolean isEnded() throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // skips bytes of an answer, if any
            }
            return true;
        } catch (java.net.SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true; // reset
        }
    }

    /** Closes the connection with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
