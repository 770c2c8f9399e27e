package io.rejoin.edge.websocket;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import java.time.Duration;

/** The production codec on a loopback port of its own, set up as the edge does it. */
final class TestServer implements AutoCloseable {
    /** What closing connections may take when the server stops; they end by themselves, so that nobody waits as long. */
    private static final Duration GRACE = Duration.ofSeconds(30);
    /** For tests of something else. */
    static final Rates ANY_RATE = Rates.of(Integer.MAX_VALUE, Integer.MAX_VALUE);

    private final WebServer server;

    TestServer(WebSocketEndpoint endpoint, WebSocketLimits limits) {
        this.server = WebServer.builder().host("127.0.0.1").port(0).shutdownHook(false).shutdownGracePeriod(GRACE)
                .protocolsDiscoverServices(false)
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
