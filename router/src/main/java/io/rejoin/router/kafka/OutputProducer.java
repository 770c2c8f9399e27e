package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * The one producer through which all shards of a router emit: a request to a broker costs the same for one of them as for all.
 * The first failure ends it for all of them, since nothing may be sent over the hole. Each shard finds that out by itself and is
 * taken over again; the first of them opens the next producer. Safe for any thread.
 */
final class OutputProducer implements AutoCloseable {
    private final Supplier<Producer<byte[], byte[]>> opener;
    private @Nullable Producer<byte[], byte[]> present;
    private boolean isClosed;

    /** @param opener connects another one */
    OutputProducer(Supplier<Producer<byte[], byte[]>> opener) {
        this.opener = opener;
    }

    /**
     * The producer for a shard that begins.
     *
     * @throws IllegalStateException once this is closed
     */
    synchronized Producer<byte[], byte[]> get() {
        if (isClosed) throw new IllegalStateException("the router stops");
        var producer = present;
        if (producer == null) {
            producer = opener.get();
            present = producer;
        }
        return producer;
    }

    /** Something sent through that one was not taken. To be called by whoever learns it first, before anything else is sent. */
    void failed(Producer<byte[], byte[]> producer) {
        forget(producer);
        producer.close(Duration.ZERO);
    }

    private synchronized void forget(Producer<byte[], byte[]> producer) {
        if (producer.equals(present)) present = null;
    }

    /** Ends it; what is on its way may not arrive. */
    @Override
    public void close() {
        Producer<byte[], byte[]> last;
        synchronized (this) {
            isClosed = true;
            last = present;
            present = null;
        }
        if (last != null) last.close(Duration.ZERO);
    }
}
