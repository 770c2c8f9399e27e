package io.rejoin.edge.websocket;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.edge.metrics.SocketMeters;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** A server with the production codec on its own loopback port, configured like the edge. */
final class TestServer implements AutoCloseable {
    /** How long closing connections may take when the server stops. They end by themselves sooner. */
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);
    /** No limit, for tests of something else. */
    static final Rates ANY_RATE = Rates.of(Integer.MAX_VALUE, Integer.MAX_VALUE);
    static final FrameMemory MEMORY = new FrameMemory(1 << 20);

    private static final Answer NOTHING = Answer.refusal(RefusalCode.NOT_FOUND, "there are only WebSockets here");

    private final Listener server;

    TestServer(WebSocketEndpoint endpoint, WebSocketLimits limits) {
        this.server = new Listener("127.0.0.1", 0,
                new Listener.Limits(new ConnectionBudget(1000, 1000), Deadlines.USUAL, SHUTDOWN_TIMEOUT),
                new Http((_, reply) -> reply.send(NOTHING),
                        new Upgrader(endpoint, limits, new SocketMeters(new SimpleMeterRegistry()))),
                fatal -> {
                    throw new IllegalStateException(fatal);
                });
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.port();
    }

    int connections() {
        return server.connections();
    }

    @Override
    public void close() {
        server.close();
    }
}
