package io.rejoin.listener.http;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;

/** Makes WebSockets of requests that ask for one. */
@FunctionalInterface
public interface Upgrade {
    /**
     * Answers a handshake with 101, on the connection's thread, which is then to {@code handle} what is returned.
     *
     * @throws RequestRefused                                     when nothing was answered yet: the caller does
     * @throws io.helidon.webserver.ServerConnectionException when the client went
     */
    ServerConnection upgrade(ConnectionContext ctx, RequestHead request) throws RequestRefused;
}
