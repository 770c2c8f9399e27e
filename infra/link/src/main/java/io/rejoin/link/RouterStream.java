package io.rejoin.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The edge's end of a stream from a router. One thread reads; other threads may send and close. A separate thread
 * writes what is sent.
 */
public final class RouterStream implements AutoCloseable {
    /**
     * After this silence of the router the stream counts as broken. A working router sends a frame at least every two
     * seconds.
     */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(5);
    private static final int MAX_HEAD_BYTES = 8 * 1024;
    private static final int READ_BUFFER_BYTES = 256 * 1024;
    /**
     * Limit of the bytes that wait to be sent. With more than {@link #MAX_WAITING_BYTES_FOR_APPENDED} waiting bytes,
     * appended records are not sent: the router can fetch them.
     */
    private static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;
    private static final int MAX_WAITING_BYTES_FOR_APPENDED = 1024 * 1024;
    private static final Duration WRITER_WAIT = Duration.ofSeconds(10);

    private final Socket socket;
    private final InputStream in;
    private final FrameQueue queue = new FrameQueue();

    private RouterStream(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), READ_BUFFER_BYTES);
    }

    /**
     * Opens a stream and sends {@code hello}. Blocks.
     *
     * @param secret the secret that the router requires; null if it requires none
     * @throws IOException if the router cannot be reached, or refuses this edge; the message says which
     */
    public static RouterStream open(InetSocketAddress router, @Nullable String secret, Frame.Hello hello,
            Duration timeout)
            throws IOException {
        var socket = new Socket();
        var opened = false;
        try {
            socket.setTcpNoDelay(true);
            socket.connect(router, (int) timeout.toMillis());
            socket.setSoTimeout((int) timeout.toMillis());
            var stream = new RouterStream(socket);
            stream.requestUpgrade(router, secret);
            socket.getOutputStream().write(LinkFrameCodec.encode(hello));
            Thread.ofPlatform().name("router-writer").daemon().start(stream::write);
            socket.setSoTimeout((int) MAX_SILENCE.toMillis());
            opened = true;
            return stream;
        } finally {
            if (!opened) socket.close();
        }
    }

    private void requestUpgrade(InetSocketAddress router, @Nullable String secret) throws IOException {
        var authorization = secret == null ? "" : "Authorization: Bearer " + secret + "\r\n";
        var request = "GET " + LinkServer.PATH + " HTTP/1.1\r\nHost: " + router.getHostString() + ":" + router.getPort()
                + "\r\nConnection: Upgrade\r\nUpgrade: " + LinkServer.PROTOCOL + "\r\n" + authorization + "\r\n";
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        var head = readHead();
        var status = head.lines().findFirst().orElse("");
        if (status.startsWith("HTTP/1.1 101 ")) return;
        if (status.startsWith("HTTP/1.1 401 "))
            throw new IOException(secret == null
                    ? "the router requires a secret: set EDGE_ROUTER_SECRET to the router's ROUTER_LINK_SECRET"
                    : "the router has another secret: set EDGE_ROUTER_SECRET to the router's ROUTER_LINK_SECRET");
        throw new IOException("no router of this version is at this address: the answer was \"" + status + "\"");
    }

    private String readHead() throws IOException {
        var head = new ByteArrayOutputStream();
        for (var matchedEndChars = 0; matchedEndChars < 4;) {
            var next = in.read();
            if (next < 0) throw new EOFException("the router closed the connection");
            if (head.size() >= MAX_HEAD_BYTES) throw new IOException("the HTTP head of the router's answer has no end");
            head.write(next);
            var expected = matchedEndChars % 2 == 0 ? '\r' : '\n';
            matchedEndChars = next == expected ? matchedEndChars + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(US_ASCII);
    }

    /**
     * Reads the router's next frame. Blocks until it arrives.
     *
     * @return null if the router has ended the stream
     * @throws IOException if the stream breaks, or the router is silent
     */
    public @Nullable Frame next() throws IOException {
        try {
            var frame = LinkFrameCodec.read(in);
            if (frame instanceof Frame.Hello || frame instanceof Frame.Positions || frame instanceof Frame.Appended)
                throw new IOException(
                        "the router sent a frame that only edges send: " + frame.getClass().getSimpleName());
            return frame;
        } catch (SocketTimeoutException e) {
            throw new IOException("the router is silent", e);
        }
    }

    /** Whether a whole frame is available, so that {@link #next} does not block. */
    public boolean hasNext() throws IOException {
        return LinkFrameCodec.hasCompleteFrame(in);
    }

    /**
     * Queues a frame for the router. Does not block.
     *
     * @return false if the frame was not queued: too much is waiting already, the frame is larger than a router
     *         accepts, or the stream has ended
     */
    public boolean send(Frame frame) {
        var bytes = LinkFrameCodec.encode(frame);
        return bytes.length <= LinkFrameCodec.MAX_BYTES_FROM_EDGE
                && queue.offer(bytes,
                        frame instanceof Frame.Appended ? MAX_WAITING_BYTES_FOR_APPENDED : MAX_WAITING_BYTES);
    }

    private void write() {
        try {
            var out = socket.getOutputStream();
            for (var batch = queue.takeBatch(WRITER_WAIT); batch != null; batch = queue.takeBatch(WRITER_WAIT))
                out.write(batch);
        } catch (IOException _) {
            close(); // the reading thread then opens another stream
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the stream. Frames that are still in the queue are lost. */
    @Override
    public void close() {
        queue.close();
        try {
            socket.close();
        } catch (IOException _) {
            // the socket was closed already
        }
    }
}
