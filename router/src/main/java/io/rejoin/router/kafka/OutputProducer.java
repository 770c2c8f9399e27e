package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * The producer that all shards of a router share, so that one request to a broker serves all of them. Its first failure
 * ends it for every shard, because sending more would leave a gap. Each shard detects the failure by itself and is
 * taken over again. The first of them opens the next producer. Safe for any thread.
 */
public final class OutputProducer implements AutoCloseable {
    private final Supplier<Producer<byte[], byte[]>> opener;
    private @Nullable Producer<byte[], byte[]> current;
    private boolean isClosed;

    /** @param opener opens a new producer */
    public OutputProducer(Supplier<Producer<byte[], byte[]>> opener) {
        this.opener = opener;
    }

    /**
     * Returns the producer for a new shard.
     *
     * @throws IllegalStateException once this is closed
     */
    public synchronized Producer<byte[], byte[]> get() {
        if (isClosed) throw new IllegalStateException("the router stops");
        var producer = current;
        if (producer == null) {
            producer = opener.get();
            current = producer;
        }
        return producer;
    }

    /**
     * Closes a producer after a send through it has failed. The first thread that learns of the failure must call this
     * before anything else is sent.
     */
    public void closeFailed(Producer<byte[], byte[]> producer) {
        forget(producer);
        producer.close(Duration.ZERO);
    }

    private synchronized void forget(Producer<byte[], byte[]> producer) {
        if (producer.equals(current)) current = null;
    }

    /** Closes the producer; records that are in flight may be lost. */
    @Override
    public void close() {
        Producer<byte[], byte[]> open;
        synchronized (this) {
            isClosed = true;
            open = current;
            current = null;
        }
        if (open != null) open.close(Duration.ZERO);
    }
}
