package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how many partitions {@code rejoin.deliveries} has. No edge reads one that is not there: a command that names it came
 * from none, and must neither stop its shard nor flood the log. Confined to the shard's thread.
 */
final class DeliveryPartitions {
    private static final Logger log = LoggerFactory.getLogger(DeliveryPartitions.class);
    /** How often the broker is asked for a partition that is not there. */
    private static final Duration ASK = Duration.ofSeconds(1);
    /** How often it is told that something was dropped. */
    static final Duration TELL = Duration.ofMinutes(1);

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final int partition;
    private final IntSupplier askBroker;
    private final LongSupplier stopwatch;
    private int known;
    private long askedAt;
    private long toldAt;
    private long dropped;

    /**
     * Of one shard.
     *
     * @param topic     of the deliveries
     * @param askBroker how many partitions there are now; blocks
     */
    DeliveryPartitions(Producer<byte[], byte[]> producer, String topic, int partition, IntSupplier askBroker,
            LongSupplier stopwatch) {
        this.producer = producer;
        this.topic = topic;
        this.partition = partition;
        this.askBroker = askBroker;
        this.stopwatch = stopwatch;
        this.askedAt = stopwatch.getAsLong() - ASK.toNanos();
        this.toldAt = stopwatch.getAsLong() - TELL.toNanos();
    }

    /**
     * Whether what is for an edge can be sent; if not, it is to be dropped.
     *
     * @throws org.apache.kafka.common.KafkaException when nobody can tell
     * @throws IllegalStateException                  of a producer that was just closed
     */
    boolean have(EdgeRef edge) {
        if (edge.partition() < known) return true;
        known = Math.max(known, producer.partitionsFor(topic).size());
        if (edge.partition() >= known && stopwatch.getAsLong() - askedAt >= ASK.toNanos()) {
            askedAt = stopwatch.getAsLong();
            known = askBroker.getAsInt(); // what a producer knows is up to five minutes old
        }
        if (edge.partition() < known) return true;
        dropped++;
        if (stopwatch.getAsLong() - toldAt >= TELL.toNanos()) tell(edge);
        return false;
    }

    private void tell(EdgeRef edge) {
        toldAt = stopwatch.getAsLong();
        log.atWarn().addKeyValue("edge", edge.edge()).addKeyValue("deliveries_partition", edge.partition())
                .addKeyValue("partitions", known).addKeyValue("partition", partition)
                .addKeyValue("dropped_so_far", dropped)
                .log("an edge gave a partition of the deliveries that does not exist; what is for it is dropped");
    }
}
