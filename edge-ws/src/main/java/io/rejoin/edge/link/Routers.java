package io.rejoin.edge.link;

import io.rejoin.edge.fanout.StreamFrames;
import io.rejoin.link.Frame;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The routers that announced themselves lately, with a connection to each of them. Safe for any thread. */
public final class Routers implements AutoCloseable {
    /** A router without a stream and without a record for this long is removed. */
    static final Duration REMOVE_AFTER = Duration.ofSeconds(30);
    /** More than any installation has. */
    private static final int MAX = 1_000;

    private static final class KnownRouter {
        final RouterConnection connection;
        long lastBeatAt;

        KnownRouter(RouterConnection connection, long lastBeatAt) {
            this.connection = connection;
            this.lastBeatAt = lastBeatAt;
        }
    }

    private final StreamFrames streamFrames;
    private final @Nullable String secret;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final java.util.function.Consumer<Throwable> fatal;
    private final Map<String, KnownRouter> known = new ConcurrentHashMap<>();
    private boolean isClosed;

    /**
     * Starts without any router.
     *
     * @param secret   the secret that routers expect; null for none
     * @param nanoTime the clock, such as {@code System.nanoTime}
     * @param fatal    called when a connection's thread dies of a bug
     */
    public Routers(StreamFrames streamFrames, @Nullable String secret, RandomGenerator random, LongSupplier nanoTime,
            java.util.function.Consumer<Throwable> fatal) {
        this.streamFrames = streamFrames;
        this.secret = secret;
        this.random = random;
        this.nanoTime = nanoTime;
        this.fatal = fatal;
    }

    /**
     * Handles a router's record that it is alive.
     *
     * @param address {@code host:port} where the router accepts streams
     */
    synchronized void onBeat(String router, String address) {
        if (isClosed) return;
        var existing = known.get(router);
        if (existing == null) {
            if (known.size() < MAX)
                known.put(router,
                        new KnownRouter(RouterConnection.start(router, address, streamFrames, secret, random, fatal),
                                nanoTime.getAsLong()));
            return;
        }
        existing.lastBeatAt = nanoTime.getAsLong();
    }

    /**
     * Sends a durable record of commands to the router of its shard. If it gets lost, the router fetches the record.
     */
    public void sendAppended(int partition, long offset, long ts, byte[] key, byte[] value,
            Map<Integer, String> contexts) {
        var router = streamFrames.routerOf(partition);
        var connection = router == null ? null : connection(router);
        if (connection != null) connection.send(new Frame.Appended(partition, offset, ts, key, value, contexts));
    }

    /** Takes no lock, because a thread of Kafka's client calls it. */
    private @Nullable RouterConnection connection(String router) {
        var found = known.get(router);
        return found == null ? null : found.connection;
    }

    /** Removes routers without a stream that have not announced themselves for {@link #REMOVE_AFTER}. */
    synchronized void removeStale() {
        known.values().removeIf(router -> {
            var isStale = !router.connection.isOpen()
                    && nanoTime.getAsLong() - router.lastBeatAt > REMOVE_AFTER.toNanos();
            if (isStale) router.connection.close();
            return isStale;
        });
    }

    /** The number of routers with a stream to this edge. */
    public synchronized int connectedRouters() {
        return (int) connections().filter(RouterConnection::isOpen).count();
    }

    /** Describes the problem; null if every shard has a stream. */
    public @Nullable String problem() {
        var uncoveredShards = streamFrames.uncoveredShards();
        return uncoveredShards == 0 ? null : problem(uncoveredShards);
    }

    private synchronized String problem(int uncoveredShards) {
        var failures = connections().map(RouterConnection::problem).filter(Objects::nonNull).sorted().limit(3).toList();
        return "routers: no stream brings the deliveries of " + uncoveredShards + " shard(s),"
                + " so their rooms receive nothing here. "
                + (known.isEmpty()
                        ? "No router announces itself in rejoin.edges: does a router run?"
                        : failures.isEmpty()
                                ? "A router takes these shards over, or will do so soon"
                                : String.join("; ", failures));
    }

    private Stream<RouterConnection> connections() {
        return known.values().stream().map(router -> router.connection);
    }

    /** Ends all streams. */
    @Override
    public synchronized void close() {
        isClosed = true;
        connections().forEach(RouterConnection::close);
        known.clear();
    }
}
