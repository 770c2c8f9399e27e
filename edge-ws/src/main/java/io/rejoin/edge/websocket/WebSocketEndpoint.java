package io.rejoin.edge.websocket;

import io.rejoin.listener.http.RequestRefused;

/** Decides who may open a WebSocket, and provides the listener of each connection. */
public interface WebSocketEndpoint {
    /**
     * Checks an upgrade request before it is answered. Called on the connection's own virtual thread; may block.
     *
     * @return a listener for this connection alone; its {@code onClosed} will be called, even if the connection never
     *         opens
     * @throws RequestRefused to answer with an HTTP error instead
     */
    WebSocketListener accept(UpgradeRequest request) throws RequestRefused;
}
