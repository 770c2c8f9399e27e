package io.rejoin.edge.websocket;

import io.rejoin.listener.http.RequestRefused;

/** Decides who may open a WebSocket, and who listens to it. */
public interface WebSocketEndpoint {
    /**
     * Judges a request to upgrade, before anything is answered. Called on the connection's own virtual thread; may block.
     *
     * @return the listener of this connection alone; from here on its {@code onClosed} is owed
     * @throws RequestRefused to answer with an HTTP error instead
     */
    WebSocketListener accept(UpgradeRequest request) throws RequestRefused;
}
