package io.rejoin.edge.link;

import io.rejoin.edge.fanout.StreamFrames;
import io.rejoin.link.Frame;
import io.rejoin.link.RouterStream;
import io.rejoin.resilience.Backoff;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a stream from one router: opens it, handles its frames, and opens it again when it breaks. Has its own thread.
 */
final class RouterConnection implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RouterConnection.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** The delay before new positions are sent to the router, and the interval while there are no new ones. */
    private static final Duration SEND_DELAY = Duration.ofMillis(250);
    private static final Duration POSITION_INTERVAL = Duration.ofSeconds(2);

    /**
     * The number of bytes after which clients are written to. With many bytes at once, a busy edge writes to each
     * client once for many messages. With fewer, clients wait less. All of them fit into one client's outbox: as JSON
     * they are at most three times as large.
     */
    private static final int MAX_BATCH_BYTES = 64 * 1024;
    /** The bytes counted for a frame in addition to its deliveries. */
    private static final int FRAME_OVERHEAD_BYTES = 64;
    /** A stream that lasted this long resets the backoff. */
    private static final Duration RESET_BACKOFF_AFTER = Duration.ofSeconds(10);

    private final String router;
    private final String address;
    private final StreamFrames streamFrames;
    private final @Nullable String secret;
    private final RandomGenerator random;
    private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(2));
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable RouterStream stream;
    private volatile @Nullable String problem;
    private int failures;
    private long openedAt;

    private RouterConnection(String router, String address, StreamFrames streamFrames, @Nullable String secret,
            RandomGenerator random) {
        this.router = router;
        this.address = address;
        this.streamFrames = streamFrames;
        this.secret = secret;
        this.random = random;
    }

    static RouterConnection start(String router, String address, StreamFrames streamFrames, @Nullable String secret,
            RandomGenerator random, java.util.function.Consumer<Throwable> fatal) {
        var connection = new RouterConnection(router, address, streamFrames, secret, random);
        Thread.ofPlatform().name("router-" + router).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .start(connection);
        return connection;
    }

    boolean isOpen() {
        return stream != null;
    }

    /** Why there is no stream; null if there is one, or none was tried yet. */
    @Nullable
    String problem() {
        return problem;
    }

    @Override
    public void run() {
        try {
            do {
                connect();
            } while (!closed.await(backoff.delay(failures++, random).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void connect() {
        try (var opened = RouterStream.open(socketAddress(), secret, streamFrames.hello(), CONNECT_TIMEOUT)) {
            stream = opened;
            if (closed.getCount() == 0) return; // close() may have run before this stream was set
            problem = null;
            openedAt = System.nanoTime();
            log.atInfo().addKeyValue("router", router).addKeyValue("address", address).log("connected to a router");
            var positionSender = Thread.ofVirtual().name("router-" + router + "-speaker")
                    .start(() -> sendPositions(opened));
            try {
                readFrames(opened);
            } finally {
                stream = null;
                if (System.nanoTime() - openedAt > RESET_BACKOFF_AFTER.toNanos()) failures = 0;
                positionSender.interrupt();
            }
        } catch (IOException e) {
            if (closed.getCount() == 0) return;
            if (problem == null)
                log.atInfo().addKeyValue("router", router).addKeyValue("address", address)
                        .addKeyValue("reason", e.toString()).log("no stream from a router; the edge keeps trying");
            problem = "the router at " + address + ": " + e.getMessage();
        }
    }

    /** Sends a frame that may get lost. Does not block. */
    void send(Frame frame) {
        var current = stream;
        if (current != null) current.send(frame);
    }

    private InetSocketAddress socketAddress() throws IOException {
        var colon = address.lastIndexOf(':');
        try {
            var host = address.substring(0, colon).replaceAll("^\\[|]$", "");
            var resolved = new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1)));
            if (resolved.isUnresolved()) throw new IOException("its host name does not resolve");
            return resolved;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException("this address is not host:port", e);
        }
    }

    private void readFrames(RouterStream opened) throws IOException {
        var lastFrameAt = System.nanoTime();
        try {
            for (var frame = opened.next(); frame != null; frame = opened.next()) {
                lastFrameAt = System.nanoTime();
                streamFrames.handle(router, withArrivedFrames(opened, frame));
            }
            throw new IOException("the router closed the stream");
        } finally {
            streamFrames.onStreamEnded(router, lastFrameAt);
        }
    }

    /** Returns a frame and the frames that arrived together with it. */
    private static List<Frame> withArrivedFrames(RouterStream opened, Frame first) throws IOException {
        var frames = new ArrayList<Frame>();
        var bytes = 0;
        for (var next = first; next != null; next = bytes < MAX_BATCH_BYTES && opened.hasNext()
                ? opened.next()
                : null) {
            frames.add(next);
            bytes += FRAME_OVERHEAD_BYTES
                    + (next instanceof Frame.Deliveries deliveries ? deliveries.value().length : 0);
        }
        return frames;
    }

    private void sendPositions(RouterStream opened) {
        var lastSent = streamFrames.positionChanges();
        try {
            while (opened.equals(stream)) {
                // The delay includes further changes
                if (streamFrames.awaitChange(lastSent, POSITION_INTERVAL)) Thread.sleep(SEND_DELAY);
                lastSent = streamFrames.positionChanges();
                // then the reading thread opens a new stream
                if (!opened.send(streamFrames.positionsFrame())) opened.close();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the stream has ended
        }
    }

    @Override
    public void close() {
        closed.countDown();
        var current = stream;
        if (current != null) current.close();
    }
}
