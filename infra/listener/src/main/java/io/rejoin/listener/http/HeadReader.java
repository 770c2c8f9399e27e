package io.rejoin.listener.http;

import io.helidon.common.buffers.DataReader;
import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of a connection's requests, one after the other. The reader consumes no byte after the end of a head:
 * WebSocket frames follow the head of a handshake, and another reader reads them. Memory grows with the bytes received,
 * up to the bounds. Not thread-safe.
 */
final class HeadReader {
    /** The most bytes of a request line: a token of 8 KB in the query, and the rest of the line. */
    static final int REQUEST_LINE = 16 * 1024;
    /** The most bytes of all header lines together: a token of 16 KB, cookies, and headers that proxies add. */
    static final int HEADERS = 32 * 1024;
    static final int MAX_HEADERS = 100;
    /**
     * The most empty lines before a request: some clients send one too many after a request (RFC 9112, section 2.2).
     */
    private static final int EMPTY_LINES = 4;

    private final DataReader in;

    HeadReader(DataReader in) {
        this.in = in;
    }

    /**
     * Waits for the first byte of the next request.
     *
     * @return false when the client has ended its stream
     */
    boolean await() {
        try {
            in.ensureAvailable();
            return true;
        } catch (DataReader.InsufficientDataAvailableException _) {
            return false;
        }
    }

    /**
     * Reads the next head.
     *
     * @return null when the client ended its stream within the head
     */
    @Nullable
    RequestHead next() throws RequestRefused {
        try {
            return HeadParser.parse(lines());
        } catch (DataReader.InsufficientDataAvailableException _) {
            return null;
        }
    }

    private List<String> lines() throws RequestRefused {
        var lines = new ArrayList<String>();
        lines.add(requestLine());
        var left = HEADERS;
        for (var line = line(left, HeadReader::headersTooLarge); !line.isEmpty(); line = line(left,
                HeadReader::headersTooLarge)) {
            left -= line.length() + 2;
            lines.add(line);
            if (lines.size() > MAX_HEADERS + 1) throw headersTooLarge();
        }
        return lines;
    }

    private String requestLine() throws RequestRefused {
        for (var empty = 0; empty <= EMPTY_LINES; empty++) {
            var line = line(REQUEST_LINE, HeadReader::uriTooLong);
            if (!line.isEmpty()) return line;
        }
        throw RequestRefused.bad("too many empty lines before the request");
    }

    @FunctionalInterface
    private interface TooLong {
        RequestRefused refusal();
    }

    /** Reads up to a line feed. A carriage return is allowed only right before a line feed. */
    private String line(int most, TooLong tooLong) throws RequestRefused {
        var line = new StringBuilder();
        while (true) {
            var next = (char) (in.read() & 0xff);
            if (next == '\n') return line.toString();
            if (next == '\r') {
                if (in.read() == '\n') return line.toString();
                throw RequestRefused.bad("a line must end with CR LF, but this CR has no LF");
            }
            if (line.length() >= most) throw tooLong.refusal();
            line.append(next);
        }
    }

    private static RequestRefused uriTooLong() {
        return new RequestRefused(RefusalCode.URI_TOO_LONG, "a request line may have at most " + REQUEST_LINE
                + " bytes; send a long token in the header Authorization: Bearer");
    }

    private static RequestRefused headersTooLarge() {
        return new RequestRefused(RefusalCode.HEADERS_TOO_LARGE,
                "all headers may have at most " + HEADERS + " bytes and " + MAX_HEADERS + " lines");
    }
}
