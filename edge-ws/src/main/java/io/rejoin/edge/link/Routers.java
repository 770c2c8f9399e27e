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
    static final Duration FORGOTTEN = Duration.ofSeconds(30);
    /** More than any installation has. */
    private static final int MAX = 1_000;

    private static final class Known {
        final RouterConnection connection;
        long heardAt;

        Known(RouterConnection connection, long heardAt) {
            this.connection = connection;
            this.heardAt = heardAt;
        }
    }

    private final StreamFrames streamFrames;
    private final @Nullable String secret;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final java.util.function.Consumer<Throwable> fatal;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
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
    synchronized void heard(String router, String address) {
        if (isClosed) return;
        var before = known.get(router);
        if (before == null) {
            if (known.size() < MAX)
                known.put(router,
                        new Known(RouterConnection.start(router, address, streamFrames, secret, random, fatal),
                                nanoTime.getAsLong()));
            return;
        }
        before.heardAt = nanoTime.getAsLong();
    }

    /**
     * Sends a durable record of commands to the router of its shard. If it gets lost, the router fetches the record.
     */
    public void appended(int partition, long offset, long ts, byte[] key, byte[] value, Map<Integer, String> contexts) {
        var router = streamFrames.router(partition);
        var connection = router == null ? null : connection(router);
        if (connection != null) connection.say(new Frame.Appended(partition, offset, ts, key, value, contexts));
    }

    /** Takes no lock, because a thread of Kafka's client calls it. */
    private @Nullable RouterConnection connection(String router) {
        var found = known.get(router);
        return found == null ? null : found.connection;
    }

    /** Removes routers that are gone. */
    synchronized void look() {
        known.values().removeIf(one -> {
            var isGone = !one.connection.isOpen() && nanoTime.getAsLong() - one.heardAt > FORGOTTEN.toNanos();
            if (isGone) one.connection.close();
            return isGone;
        });
    }

    /** The number of routers with a stream to this edge. */
    public synchronized int linked() {
        return (int) connections().filter(RouterConnection::isOpen).count();
    }

    /** Describes the problem; null if every shard has a stream. */
    public @Nullable String problem() {
        var uncovered = streamFrames.uncovered();
        return uncovered == 0 ? null : problem(uncovered);
    }

    private synchronized String problem(int uncovered) {
        var failures = connections().map(RouterConnection::problem).filter(Objects::nonNull).sorted().limit(3).toList();
        return "routers: no stream brings the deliveries of " + uncovered + " shard(s),"
                + " so their rooms receive nothing here. "
                + (known.isEmpty()
                        ? "No router announces itself in rejoin.edges: does a router run?"
                        : failures.isEmpty()
                                ? "A router takes these shards over, or will do so soon"
                                : String.join("; ", failures));
    }

    private Stream<RouterConnection> connections() {
        return known.values().stream().map(one -> one.connection);
    }

    /** Ends all streams. */
    @Override
    public synchronized void close() {
        isClosed = true;
        connections().forEach(RouterConnection::close);
        known.clear();
    }
}
