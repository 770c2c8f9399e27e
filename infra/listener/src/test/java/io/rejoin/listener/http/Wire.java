package io.rejoin.listener.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client that sends any bytes, valid or not, and reads HTTP/1.1 answers strictly. */
public final class Wire implements AutoCloseable {
    private static final int PATIENCE_MS = 60_000;
    private static final String START = "HTTP/1.1 ";

    private final Socket socket = new Socket();
    private final InputStream in;

    /** An answer. The names of its headers may be looked up in any case. */
    public record Answer(int status, Map<String, String> headers, String body) {
        /** The code of a refusal, or null when the answer is not one. */
        public @Nullable String code() throws IOException {
            if (!"application/json".equals(headers.get("Content-Type")) || body.isEmpty()) return null;
            JsonNode json = Json.MAPPER.readTree(body);
            return json.hasNonNull("message") && json.hasNonNull("code") ? json.get("code").textValue() : null;
        }

        public boolean isLast() {
            return headers.getOrDefault("Connection", "").contains("close");
        }
    }

    public Wire(int port) throws IOException {
        this(port, PATIENCE_MS);
    }

    /** @param patienceMs how long to wait for an answer before failing, in milliseconds */
    public Wire(int port, int patienceMs) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), patienceMs);
        socket.setSoTimeout(patienceMs);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Sends a request on a new connection and returns the answer. Each character of the request is one byte. */
    public static Answer ask(int port, String request) throws IOException {
        try (var wire = new Wire(port)) {
            wire.send(request);
            return wire.answer(request.startsWith("HEAD "));
        }
    }

    public void send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    }

    /** Ends the output stream. */
    public void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes the connection with a reset, even during a read or write. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Reads the next answer. An answer to a HEAD request has no body. */
    public Answer answer(boolean isToHead) throws IOException {
        return body(head(), isToHead);
    }

    /**
     * Reads the next answer when it is unknown whether the request was a HEAD. After an answer to a HEAD, the next
     * answer or the end of the stream follows at once.
     */
    public Answer answerToUnknown() throws IOException {
        var head = head();
        return body(head, head.headers().containsKey("Content-Length") && isAtAnswerOrEnd());
    }

    /** Waits for the next byte or the end of the stream; returns whether the stream has ended. */
    public boolean isAtEnd() throws IOException {
        in.mark(1);
        var next = in.read();
        if (next >= 0) in.reset();
        return next < 0;
    }

    private boolean isAtAnswerOrEnd() throws IOException {
        in.mark(START.length());
        var next = new String(in.readNBytes(START.length()), ISO_8859_1);
        in.reset();
        return next.isEmpty() || next.equals(START);
    }

    private Answer head() throws IOException {
        var first = line().split(" ", 3);
        if (first.length < 3 || !first[0].equals("HTTP/1.1"))
            throw new IOException("no answer: " + String.join(" ", first));
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (var line = line(); !line.isEmpty(); line = line()) {
            var colon = line.indexOf(": ");
            if (headers.put(line.substring(0, colon), line.substring(colon + 2)) != null)
                throw new IOException("a header is said twice: " + line);
        }
        return new Answer(Integer.parseInt(first[1]), headers, "");
    }

    private Answer body(Answer head, boolean isToHead) throws IOException {
        var without = isToHead || head.status() < 200 || head.status() == 204 || head.status() == 304;
        var length = without ? 0 : Integer.parseInt(head.headers().getOrDefault("Content-Length", "-1"));
        var body = in.readNBytes(length);
        if (body.length < length) throw new EOFException("the body is cut off");
        return new Answer(head.status(), head.headers(), new String(body, UTF_8));
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        while (true) {
            var next = in.read();
            if (next < 0) throw new EOFException(line.isEmpty() ? "no answer" : "an answer is cut off: " + line);
            if (next == '\n') return line.toString();
            if (next != '\r') line.append((char) next);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
