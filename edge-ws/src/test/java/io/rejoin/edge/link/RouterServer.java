package io.rejoin.edge.link;

import io.rejoin.link.LinkListener;
import io.rejoin.link.LinkServer;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.PagesByPath;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Listens for the streams of edges, like a router. */
public final class RouterServer implements AutoCloseable {
    private static final int MAX_WAITING = 64 << 20;

    private final Listener listener;

    /** @param port the port; 0 for any free one */
    public RouterServer(int port, @Nullable String secret, LinkListener streams) throws IOException {
        var limits = new Listener.Limits(new ConnectionBudget(50, 50), Deadlines.USUAL, Duration.ofSeconds(1));
        this.listener = new Listener("127.0.0.1", port, limits,
                new Http(new PagesByPath(Map.of()), new LinkServer(secret, streams, MAX_WAITING)), fatal -> {
                    throw new IllegalStateException(fatal);
                });
        listener.start();
    }

    public int port() {
        return listener.port();
    }

    /** The address, as a router publishes it in {@code rejoin.edges}. */
    public String address() {
        return "127.0.0.1:" + listener.port();
    }

    /** Stops listening, and ends all streams. */
    @Override
    public void close() {
        listener.close();
    }
}
