package io.rejoin.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Publishes the most important metrics of a Kafka client. A client has some hundred metrics, by broker, topic and
 * partition. This class publishes one value for each selected metric, with a label for the client's purpose.
 */
final class KafkaMeters {
    private static final String PRODUCER = "producer-metrics";
    private static final String CONSUMER = "consumer-metrics";
    private static final String FETCHES = "consumer-fetch-manager-metrics";
    private static final String GROUP = "consumer-coordinator-metrics";
    private static final double MILLIS = 1e-3;

    /** A published metric. Its value comes from whichever of these groups of metrics the client has. */
    private record Figure(String name, List<String> groups, String kafkaName, double factor, String unit, String what) {
        private Figure {
            groups = List.copyOf(groups);
        }

        /** The value from Kafka's metrics, times the factor; NaN if the client has no value (yet). */
        double of(Map<MetricName, ? extends Metric> all) {
            for (var entry : all.entrySet()) {
                if (is(entry.getKey()) && entry.getValue().metricValue() instanceof Double value) return value * factor;
            }
            return Double.NaN;
        }

        /**
         * Whether this is the metric of the whole client. Metrics of a topic, a partition or a broker have further
         * tags.
         */
        boolean is(MetricName known) {
            return known.name().equals(kafkaName) && groups.contains(known.group()) && known.tags().size() == 1;
        }
    }

    private static final List<Figure> GAUGES = List.of(
            new Figure("latency", List.of(PRODUCER), "request-latency-avg", MILLIS, "seconds",
                    "Average time in which Kafka answered this producer, over half a minute"),
            new Figure("latency", List.of(FETCHES), "fetch-latency-avg", MILLIS, "seconds",
                    "Average time in which Kafka answered fetches of this consumer, over half a minute; includes"
                            + " waits for new records"),
            new Figure("lag", List.of(FETCHES), "records-lag-max", 1, "records",
                    "Lag of this consumer, in the partition with the highest lag"),
            new Figure("free.buffer", List.of(PRODUCER), "buffer-available-bytes", 1, "bytes",
                    "Free bytes in the buffer of this producer; when none are free, the producer blocks"),
            new Figure("connections", List.of(PRODUCER, CONSUMER), "connection-count", 1, "connections",
                    "Connections to brokers"));

    private static final List<Figure> COUNTERS = List.of(
            new Figure("failed.records", List.of(PRODUCER), "record-error-total", 1, "records",
                    "Records that this producer could not append"),
            new Figure("retried.records", List.of(PRODUCER), "record-retry-total", 1, "records",
                    "Records that this producer sent again"),
            new Figure("records", List.of(PRODUCER), "record-send-total", 1, "records", "Records sent"),
            new Figure("records", List.of(FETCHES), "records-consumed-total", 1, "records", "Records read"),
            new Figure("requests", List.of(PRODUCER, CONSUMER), "request-total", 1, "requests", "Requests to brokers"),
            new Figure("sent", List.of(PRODUCER, CONSUMER), "outgoing-byte-total", 1, "bytes", "Bytes sent to brokers"),
            new Figure("received", List.of(PRODUCER, CONSUMER), "incoming-byte-total", 1, "bytes",
                    "Bytes received from brokers"),
            new Figure("refused.logins", List.of(PRODUCER, CONSUMER), "failed-authentication-total", 1, "logins",
                    "Logins of this client that a broker refused"),
            new Figure("rebalances", List.of(GROUP), "rebalance-total", 1, "rebalances",
                    "Rebalances of the consumer group"));

    private KafkaMeters() {}

    /**
     * Registers the metrics that the client has. Metrics of other kinds of clients are left out.
     *
     * @param client  the client's purpose, as the value of the label {@code client}
     * @param numbers all metrics of the client
     */
    static void show(MeterRegistry registry, String client,
            Supplier<? extends Map<MetricName, ? extends Metric>> numbers) {
        var there = numbers.get();
        for (var number : GAUGES) {
            if (there.keySet().stream().anyMatch(number::is))
                Gauge.builder("rejoin.kafka." + number.name(), () -> number.of(numbers.get())).baseUnit(number.unit())
                        .tag("client", client).description(number.what()).register(registry);
        }
        for (var number : COUNTERS) {
            if (there.keySet().stream().anyMatch(number::is))
                FunctionCounter.builder("rejoin.kafka." + number.name(), number, each -> each.of(numbers.get()))
                        .baseUnit(number.unit()).tag("client", client).description(number.what()).register(registry);
        }
    }
}
