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

/** Where streams of edges are taken in, as a router does. */
public final class RouterDoor implements AutoCloseable {
    private static final int MOST_WAITING = 64 << 20;

    private final Listener listener;

    /** @param port 0 is any free one */
    public RouterDoor(int port, @Nullable String secret, LinkListener streams) throws IOException {
        var limits = new Listener.Limits(new ConnectionBudget(50, 50), Deadlines.USUAL, Duration.ofSeconds(1));
        this.listener = new Listener("127.0.0.1", port, limits,
                new Http(new PagesByPath(Map.of()), new LinkServer(secret, streams, MOST_WAITING)), fatal -> {
                    throw new IllegalStateException(fatal);
                });
        listener.start();
    }

    public int port() {
        return listener.port();
    }

    /** As a router says it in its beats. */
    public String address() {
        return "127.0.0.1:" + listener.port();
    }

    /** Ends all streams, too. */
    @Override
    public void close() {
        listener.close();
    }
}
