package io.rejoin.edge.websocket;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.rejoin.listener.Listener;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Turns HTTP/1.1 requests with {@code Upgrade: websocket} into WebSockets, on every path: the endpoint decides which it knows.
 * HTTP filters and routes do not see these requests. To be used in a {@link Listener}:
 *
 * <pre>{@code
 * new Upgrader(endpoint, limits).http1(Listener.http1Config().build())
 * }</pre>
 */
public final class Upgrader implements Http1Upgrader {
    private static final String PROTOCOL = "websocket";

    private final WebSocketEndpoint endpoint;
    private final WebSocketLimits limits;

    public Upgrader(WebSocketEndpoint endpoint, WebSocketLimits limits) {
        this.endpoint = endpoint;
        this.limits = limits;
    }

    /** HTTP/1.1 that upgrades to WebSocket, for {@code addConnectionSelector}. */
    public ServerConnectionSelector http1(Http1Config config) {
        var selector = Http1ConnectionSelector.builder().config(config);
        // Helidon looks the protocol up by its exact spelling; for RFC 6455, section 4.2.1, case does not matter
        for (var uppercase = 0; uppercase < 1 << PROTOCOL.length(); uppercase++) {
            selector.putUpgrader(spelling(uppercase), this);
        }
        return selector.build();
    }

    @Override
    public String supportedProtocol() {
        return PROTOCOL;
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
        WebSocketListener listener;
        String key;
        try {
            var request = new UpgradeRequest(prologue.uriPath().rawPath(), prologue.query().rawValue(),
                    name -> headers.all(HeaderNames.create(name), List::of));
            key = Handshake.check(prologue.method().text(), request);
            listener = endpoint.accept(request);
        } catch (UpgradeRefused refusal) {
            write(ctx, Handshake.refused(refusal, Status.create(refusal.code().status()).reasonPhrase()));
            throw new CloseConnectionException("upgrade refused: " + refusal.code());
        }
        return open(ctx, key, listener);
    }

    private ServerConnection open(ConnectionContext ctx, String key, WebSocketListener listener) {
        var opened = false;
        try {
            var connection = new WebSocketConnection(ctx, listener, limits);
            Listener.upgraded(); // from here on its owner counts it, and looks after its time
            write(ctx, Handshake.accepted(key));
            opened = true;
            return connection;
        } finally {
            if (!opened) listener.onClosed(true);
        }
    }

    private static void write(ConnectionContext ctx, byte[] answer) {
        try {
            ctx.dataWriter().writeNow(BufferData.create(answer));
        } catch (SocketWriterException | UncheckedIOException e) {
            throw new ServerConnectionException("the client went before its handshake was answered", e);
        }
    }

    private static String spelling(int uppercase) {
        var spelling = new StringBuilder(PROTOCOL);
        for (var i = 0; i < PROTOCOL.length(); i++) {
            if ((uppercase >> i & 1) != 0) spelling.setCharAt(i, Character.toUpperCase(PROTOCOL.charAt(i)));
        }
        return spelling.toString();
    }
}
