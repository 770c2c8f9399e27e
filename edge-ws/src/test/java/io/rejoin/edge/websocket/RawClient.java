package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A low-level WebSocket client. It sends any bytes, valid or not, and reads frame by frame. */
final class RawClient implements AutoCloseable {
    static final String VERSION = "Sec-WebSocket-Version: 13";
    static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    private static final int PATIENCE_MS = 60_000;
    private static final int MASK = 0x1d2e3f40;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    /** A frame from the server. */
    record Frame(int opcode, String payload) {
        static Frame text(String text) {
            return new Frame(FrameWriter.TEXT, text);
        }

        static Frame close(int code, String reason) {
            return new Frame(FrameWriter.CLOSE, "" + (char) (code >> 8) + (char) (code & 0xff) + reason);
        }
    }

    RawClient(int port) throws IOException {
        socket.setReceiveBufferSize(64 * 1024); // fixed and small: a client that does not read is soon full
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    static RawClient open(int port, String target) throws IOException {
        var client = new RawClient(port);
        var answer = client.request(target, "Upgrade: websocket", "Connection: keep-alive, Upgrade", VERSION, KEY);
        if (!answer.startsWith("HTTP/1.1 101 ")) throw new IOException("not upgraded: " + answer);
        return client;
    }

    /** Sends a GET with these header lines, and returns the head of the response. */
    String request(String target, String... headers) throws IOException {
        var lines = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (var header : headers) {
            lines.append(header).append("\r\n");
        }
        send(lines.append("\r\n").toString().getBytes(ISO_8859_1));
        return head();
    }

    /** Reads a response up to its empty line. */
    String head() throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void sendText(String text) throws IOException {
        send(masked(0x80 | FrameWriter.TEXT, text.getBytes(UTF_8)));
    }

    void closeWith(int code) throws IOException {
        send(masked(0x80 | FrameWriter.CLOSE, new byte[]{(byte) (code >> 8), (byte) code}));
    }

    /** Builds a masked frame; {@code first} is its first byte. */
    static byte[] masked(int first, byte[] payload) {
        var frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
        if (payload.length <= 125) frame.put((byte) (0x80 | payload.length));
        else if (payload.length <= 0xffff) frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        else
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        frame.putInt(MASK);
        for (var i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ (MASK >> (24 - 8 * (i % 4)))));
        }
        return Arrays.copyOf(frame.array(), frame.position());
    }

    /** Reads the next frame. A text payload is decoded as UTF-8, any other byte by byte. */
    Frame read() throws IOException {
        var opcode = in.readUnsignedByte() & 0x0f;
        var length = in.readUnsignedByte();
        if (length == 126) length = in.readUnsignedShort();
        else if (length == 127) length = Math.toIntExact(in.readLong());
        var payload = in.readNBytes(length);
        return new Frame(opcode, new String(payload, opcode == FrameWriter.TEXT ? UTF_8 : ISO_8859_1));
    }

    /** Reads what the server sends until it ends the stream. */
    String readRemaining() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    /** Ends the connection with a reset, like a machine that lost its power and is up again. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
