package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * WebSocket connection of a member, without a thread of its own. Its {@link Loop} calls it when the socket is readable
 * or writable. It accepts unfragmented text messages, answers pings and supports no extension (RFC 6455).
 *
 * <p>Only the loop's thread may call the methods, except {@link #send}, which any thread may call.
 */
final class Connection {
    /** Receives the events of a connection, on the loop's thread. */
    interface Listener {
        /** The server accepted the upgrade. */
        void opened() throws IOException;

        /**
         * A text message arrived.
         *
         * @param now when it was read, by {@link System#nanoTime}
         */
        void text(Payload message, long now) throws IOException;

        /** The connection has ended; {@code why} is a short reason, which is counted. */
        void ended(String why);
    }

    private static final byte[] END_OF_HEADERS = "\r\n\r\n".getBytes(ISO_8859_1);
    private static final byte[] AGREED = "HTTP/1.1 101".getBytes(ISO_8859_1);
    private static final byte[] NOTHING = {};
    /** At most so many frames wait while the server does not read. */
    private static final int MAX_WAITING = 4_096;
    /** Receive buffer, in bytes, of a member that never reads: it fills soon, and then the server's writes block. */
    private static final int SMALL_BUFFER = 4_096;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final Listener listener;
    private final String request;
    /** First bytes of a frame that has not arrived completely. */
    private byte[] rest = NOTHING;
    private boolean isOpen;
    /** Guarded by this. */
    private final Deque<ByteBuffer> waiting = new ArrayDeque<>();

    private Connection(SocketChannel channel, SelectionKey key, Listener listener, String request) {
        this.channel = channel;
        this.key = key;
        this.listener = listener;
        this.request = request;
    }

    /** Starts to connect; the listener receives the result. */
    static Connection begin(Selector selector, InetSocketAddress address, String path, boolean isSmall,
            Listener listener) throws IOException {
        var channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (isSmall) channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
            var request = "GET " + path + " HTTP/1.1\r\nHost: " + address.getHostString() + ":" + address.getPort()
                    + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            var key = channel.register(selector, SelectionKey.OP_CONNECT);
            var connection = new Connection(channel, key, listener, request);
            key.attach(connection);
            if (channel.connect(address)) connection.connected();
            return connection;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Handles what the selector reported for this connection.
     *
     * @param buffer for reading; it belongs to the loop
     */
    void ready(byte[] buffer) {
        try {
            if (key.isConnectable() && channel.finishConnect()) connected();
            if (key.isWritable()) flush();
            if (key.isReadable()) read(buffer);
        } catch (IOException e) {
            end("broken: " + e.getMessage());
        }
    }

    private void connected() throws IOException {
        key.interestOps(SelectionKey.OP_READ);
        write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
    }

    private void read(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes).put(rest);
        if (channel.read(buffer) < 0) {
            end("ended without a close frame");
            return;
        }
        var now = System.nanoTime();
        var at = isOpen ? 0 : opened(new Payload(bytes, 0, buffer.position()));
        var frame = new Frames(bytes, at, buffer.position());
        while (isOpen && channel.isOpen() && frame.next()) take(frame, now);
        if (frame.start() == 0 && !buffer.hasRemaining()) throw new IOException("a message is too large");
        rest = frame.start() == buffer.position()
                ? NOTHING
                : Arrays.copyOfRange(bytes, frame.start(), buffer.position());
    }

    /** Returns where the first frame begins in the buffer; 0 if the HTTP response is not complete. */
    private int opened(Payload answer) throws IOException {
        var end = answer.find(END_OF_HEADERS);
        if (end == Payload.NONE) return 0;
        if (!answer.startsWith(AGREED)) {
            end("upgrade answered with " + answer.until(answer.from() + "HTTP/1.1 ".length(), '\r', ' '));
            return end;
        }
        isOpen = true;
        listener.opened();
        return end;
    }

    private void take(Frames frame, long now) throws IOException {
        switch (frame.opcode()) {
            case Frames.TEXT -> listener.text(frame.payload(), now);
            case Frames.PING -> write(Frames.masked(Frames.PONG, frame.copy()));
            case Frames.CLOSE -> end("closed with " + frame.closeCode());
            case Frames.PONG -> {
                // the generator sends no pings, so it ignores pongs
            }
            default -> throw new IOException("a frame with the unexpected opcode " + frame.opcode());
        }
    }

    /** Sends a text message; bytes that the socket does not accept now are queued. */
    void send(String text) throws IOException {
        write(Frames.masked(Frames.TEXT, text.getBytes(UTF_8)));
    }

    private synchronized void write(ByteBuffer frame) throws IOException {
        if (waiting.isEmpty()) channel.write(frame);
        if (!frame.hasRemaining()) return;
        if (waiting.size() == MAX_WAITING) throw new IOException("the server reads too slowly");
        waiting.add(frame);
        key.interestOpsOr(SelectionKey.OP_WRITE);
        key.selector().wakeup();
    }

    private synchronized void flush() throws IOException {
        while (!waiting.isEmpty()) {
            channel.write(waiting.getFirst());
            if (waiting.getFirst().hasRemaining()) return;
            waiting.removeFirst();
        }
        key.interestOpsAnd(~SelectionKey.OP_WRITE);
    }

    /** Stops reading: further bytes from the server stay in the kernel's buffers. */
    void stall() {
        key.interestOpsAnd(~SelectionKey.OP_READ);
    }

    /** Resets the TCP connection, without a close frame. Does not call the listener. */
    void cut() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        } catch (IOException _) {
            // it is closed already
        }
    }

    private void end(String why) {
        cut();
        listener.ended(why);
    }
}
