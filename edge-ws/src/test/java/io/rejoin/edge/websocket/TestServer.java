package io.rejoin.edge.websocket;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;

/** The production codec on a loopback port of its own, set up as the edge does it. */
final class TestServer implements AutoCloseable {
    private final WebServer server;

    TestServer(WebSocketEndpoint endpoint, WebSocketLimits limits) {
        this.server = WebServer.builder().host("127.0.0.1").port(0).shutdownHook(false).protocolsDiscoverServices(false)
                .addConnectionSelector(new Upgrader(endpoint, limits).http1(Http1Config.create()))
                .connectionOptions(options -> options.tcpNoDelay(true)).useNio(false).build().start();
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }
}
