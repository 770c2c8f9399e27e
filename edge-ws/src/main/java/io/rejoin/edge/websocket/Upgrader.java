package io.rejoin.edge.websocket;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.edge.metrics.SocketMeters;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Upgrade;
import java.io.IOException;

/**
 * Turns requests with {@code Upgrade: websocket} into WebSockets, on every path. The endpoint decides which paths
 * exist.
 */
public final class Upgrader implements Upgrade {
    private final WebSocketEndpoint endpoint;
    private final WebSocketLimits limits;
    private final SocketMeters meters;

    public Upgrader(WebSocketEndpoint endpoint, WebSocketLimits limits, SocketMeters meters) {
        this.endpoint = endpoint;
        this.limits = limits;
        this.meters = meters;
    }

    @Override
    public String protocol() {
        return "websocket";
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, RequestHead head) throws RequestRefused {
        try {
            var request = new UpgradeRequest(head.path(), head.query(), head::all);
            var key = Handshake.check(head.method(), request);
            var subprotocol = Handshake.subprotocol(request);
            return open(Handshake.accepted(key, subprotocol), endpoint.accept(request));
        } catch (RequestRefused refused) {
            meters.countRefused(refused.code());
            throw refused;
        }
    }

    private ServerConnection open(byte[] answer, WebSocketListener listener) {
        var isOpened = false;
        try {
            var transport = Listener.transport(); // from here on, HTTP's limits and timeouts do not apply
            var connection = new WebSocketConnection(transport, answer, listener, limits, meters);
            isOpened = true;
            meters.countOpened();
            return connection;
        } catch (IOException e) {
            throw new ServerConnectionException("the client disconnected before the answer to its handshake", e);
        } finally {
            if (!isOpened) {
                meters.countLostWhileOpening();
                listener.onClosed(true);
            }
        }
    }
}
