package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads this edge's partition of {@code rejoin.deliveries}, from now on: whoever is behind reads history instead. */
public final class DeliveryLoop implements Runnable, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DeliveryLoop.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final EdgeIdentity identity;
    private final Deliveries deliveries;

    /** Connects. */
    public static DeliveryLoop open(String bootstrapServers, EdgeIdentity identity, FanOut fanOut,
            Receivers receivers) {
        var settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // records that expired are noticed, not skipped
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        settings.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        return new DeliveryLoop(
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()), identity,
                fanOut,
                receivers);
    }

    DeliveryLoop(Consumer<byte[], byte[]> consumer, EdgeIdentity identity, FanOut fanOut, Receivers receivers) {
        this.consumer = consumer;
        this.partition = new TopicPartition(Topics.DELIVERIES, identity.current().partition());
        this.identity = identity;
        this.deliveries = new Deliveries(identity, fanOut, receivers);
    }

    /** Takes the end of the partition as its position; only after that may the edge announce itself. */
    public void begin() {
        consumer.assign(List.of(partition));
        seekToEnd();
    }

    @Override
    public void run() {
        try {
            while (true) {
                poll();
            }
        } catch (WakeupException _) {
            log.debug("deliveries stopped");
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        consumer.wakeup();
    }

    /** Lets go of the connections. Only when {@link #run} does not run, or no longer. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
    }

    private void poll() {
        try {
            for (var record : consumer.poll(POLL)) take(record);
        } catch (OffsetOutOfRangeException e) {
            log.atWarn().addKeyValue("partition", partition.partition())
                    .log("deliveries expired before they were read: joining all members again");
            seekToEnd();
            deliveries.renew();
        }
    }

    private void seekToEnd() {
        consumer.seekToEnd(List.of(partition));
        consumer.position(partition); // seekToEnd alone is lazy
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        var own = identity.current().edge();
        if (record.key() == null || !own.equals(new String(record.key(), UTF_8))) return;
        try {
            var batch = LogCodec.deliveries(record.value());
            if (batch.edge().equals(own)) deliveries.take(batch);
        } catch (MalformedRecordException e) {
            log.atWarn().addKeyValue("offset", record.offset()).addKeyValue("reason", e.getMessage())
                    .log("a delivery cannot be read; a message in it will be repaired from history");
        }
    }
}
