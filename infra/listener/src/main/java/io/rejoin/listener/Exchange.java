package io.rejoin.listener;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.util.function.BiConsumer;

/**
 * Tells the connection which the present thread runs what Helidon reads and writes on it.
 *
 * @param told what it is told when the head of a request, or of an answer, is complete
 */
record Exchange(BiConsumer<Connection, Headers> told) implements Http1ConnectionListener {
    /** Of requests. */
    static final Exchange REQUESTS = new Exchange(
            (connection, headers) -> connection.requested(hasBody(headers), isLast(headers)));
    /** Of answers. */
    static final Exchange ANSWERS = new Exchange((connection, headers) -> {
        if (isLast(headers)) connection.answersLast();
    });

    @Override
    public void headers(ConnectionContext ctx, Headers headers) {
        if (Connection.CURRENT.isBound()) told.accept(Connection.CURRENT.get(), headers);
    }

    private static boolean hasBody(Headers headers) {
        return headers.contains(HeaderNames.TRANSFER_ENCODING)
                || !headers.first(HeaderNames.CONTENT_LENGTH).orElse("0").equals("0");
    }

    private static boolean isLast(Headers headers) {
        return headers.containsToken(HeaderValues.CONNECTION_CLOSE);
    }
}
