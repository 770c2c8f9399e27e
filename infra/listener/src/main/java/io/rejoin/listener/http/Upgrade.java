package io.rejoin.listener.http;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;

/** Makes something else of requests that ask for it: WebSockets, for instance (RFC 9110, section 7.8). */
public interface Upgrade {
    /** What it makes of them, as it stands in {@code Upgrade}, in lower case. */
    String protocol();

    /**
     * Answers a handshake with 101, on the connection's thread, which is then to {@code handle} what is returned.
     *
     * @throws RequestRefused                                     when nothing was answered yet: the caller does
     * @throws io.helidon.webserver.ServerConnectionException when the client went
     */
    ServerConnection upgrade(ConnectionContext ctx, RequestHead request) throws RequestRefused;
}
