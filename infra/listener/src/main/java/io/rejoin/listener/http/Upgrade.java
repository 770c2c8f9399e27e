package io.rejoin.listener.http;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;

/** Switches connections from HTTP to another protocol, such as WebSocket (RFC 9110, section 7.8). */
public interface Upgrade {
    /** The name of the protocol in the {@code Upgrade} header, in lower case. */
    String protocol();

    /**
     * Answers a handshake with 101. Runs on the connection's own thread. The caller then calls {@code handle} on the
     * returned connection, on the same thread.
     *
     * @throws RequestRefused when nothing is sent yet; the caller answers
     * @throws io.helidon.webserver.ServerConnectionException when the client has gone
     */
    ServerConnection upgrade(ConnectionContext ctx, RequestHead request) throws RequestRefused;
}
