package io.rejoin.listener.http;

import io.helidon.common.buffers.DataReader;
import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of requests from a connection, one after the other, and not a byte more: what follows a handshake is frames.
 * Memory grows with what has come, up to the bounds. Of one thread.
 */
final class HeadReader {
    /** A token of 8 KB in the query, beside all the rest. */
    static final int REQUEST_LINE = 16 * 1024;
    /** All header lines together: a token of 16 KB, beside cookies and what proxies add. */
    static final int HEADERS = 32 * 1024;
    static final int MOST_HEADERS = 100;
    /** Some clients send an empty line too many after a request (RFC 9112, section 2.2). */
    private static final int EMPTY_LINES = 4;

    private final DataReader in;

    HeadReader(DataReader in) {
        this.in = in;
    }

    /**
     * Waits for the first byte of the next request.
     *
     * @return false when there will be no more
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
     * Reads the next head, whole.
     *
     * @return null when the client went in the middle of it
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
            if (lines.size() > MOST_HEADERS + 1) throw headersTooLarge();
        }
        return lines;
    }

    private String requestLine() throws RequestRefused {
        for (var empty = 0; empty <= EMPTY_LINES; empty++) {
            var line = line(REQUEST_LINE, HeadReader::uriTooLong);
            if (!line.isEmpty()) return line;
        }
        throw RequestRefused.bad("empty lines are no request");
    }

    @FunctionalInterface
    private interface TooLong {
        RequestRefused refusal();
    }

    /** Up to a line feed; a carriage return belongs before one and nowhere else. */
    private String line(int most, TooLong tooLong) throws RequestRefused {
        var line = new StringBuilder();
        while (true) {
            var next = (char) (in.read() & 0xff);
            if (next == '\n') return line.toString();
            if (next == '\r') {
                if (in.read() == '\n') return line.toString();
                throw RequestRefused.bad("a line ends with CR LF; a CR came alone");
            }
            if (line.length() >= most) throw tooLong.refusal();
            line.append(next);
        }
    }

    private static RequestRefused uriTooLong() {
        return new RequestRefused(RefusalCode.URI_TOO_LONG, "a request line may have " + REQUEST_LINE
                + " bytes; a long token may come in the header Authorization: Bearer");
    }

    private static RequestRefused headersTooLarge() {
        return new RequestRefused(RefusalCode.HEADERS_TOO_LARGE,
                "headers may have " + HEADERS + " bytes in all, in " + MOST_HEADERS + " lines");
    }
}
