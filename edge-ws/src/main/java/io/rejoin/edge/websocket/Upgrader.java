package io.rejoin.edge.websocket;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.rejoin.listener.Listener;
import java.io.UncheckedIOException;

/** Turns requests with {@code Upgrade: websocket} into WebSockets, on every path: the endpoint decides which it knows. */
public final class Upgrader {
    private final WebSocketEndpoint endpoint;
    private final WebSocketLimits limits;

    public Upgrader(WebSocketEndpoint endpoint, WebSocketLimits limits) {
        this.endpoint = endpoint;
        this.limits = limits;
    }

    /**
     * Answers a handshake with 101, on the connection's reading thread, which is then to {@code handle} what is returned.
     *
     * @throws UpgradeRefused when nothing was answered yet: the caller does
     * @throws ServerConnectionException when the client went
     */
    public ServerConnection upgrade(ConnectionContext ctx, String method, UpgradeRequest request)
            throws UpgradeRefused {
        var key = Handshake.check(method, request);
        var subprotocol = Handshake.subprotocol(request);
        return open(ctx, Handshake.accepted(key, subprotocol), endpoint.accept(request));
    }

    private ServerConnection open(ConnectionContext ctx, byte[] answer, WebSocketListener listener) {
        var opened = false;
        try {
            var connection = new WebSocketConnection(ctx, listener, limits);
            Listener.upgraded(); // from here on its owner counts it, and looks after its time
            ctx.dataWriter().writeNow(BufferData.create(answer));
            opened = true;
            return connection;
        } catch (SocketWriterException | UncheckedIOException e) {
            throw new ServerConnectionException("the client went before its handshake was answered", e);
        } finally {
            if (!opened) listener.onClosed(true);
        }
    }
}
