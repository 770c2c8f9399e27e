package io.rejoin.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmHeapPressureMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.rejoin.listener.http.Site;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * The meters of one service, each with the tag {@code service}, and the page that shows them. The meters of the JVM are
 * registered from the start: memory, garbage collections, threads, processor, open files and uptime, and the number of
 * log events.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final String service;
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final JvmHeapPressureMetrics pressure = new JvmHeapPressureMetrics();
    private final LoggedEvents events;

    /** @param service the value of the tag: {@code edge}, {@code router} or {@code history} */
    public Metrics(String service) {
        this.service = service;
        registry.config().commonTags(List.of(Tag.of("service", service)));
        for (var binder : List.of(new JvmMemoryMetrics(), collections, pressure, new JvmThreadMetrics(),
                new ProcessorMetrics(),
                new FileDescriptorMetrics(), new UptimeMetrics())) {
            binder.bindTo(registry);
        }
        events = new LoggedEvents(registry).begin();
    }

    /** The registry for the service's own meters. Label values must be bounded: no rooms, no users, no connections. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Publishes readiness as {@code rejoin_<service>_ready}: 1 while {@code /health/ready} returns 200. */
    public void showReady(BooleanSupplier ready) {
        Gauge.builder("rejoin." + service + ".ready", () -> ready.getAsBoolean() ? 1 : 0)
                .description("1 while /health/ready is 200").register(registry);
    }

    /**
     * Publishes the most important metrics of a Kafka client as {@code rejoin_kafka_…}.
     *
     * @param client  the client's purpose: the value of the label {@code client}
     * @param numbers the client's own metrics; called on any thread
     */
    public void showKafka(String client, Supplier<? extends Map<MetricName, ? extends Metric>> numbers) {
        KafkaMeters.show(registry, client, numbers);
    }

    /** Answers {@code GET /metrics}. Passes other requests to another site. */
    public Site before(Site others) {
        return new Scrape(registry, others);
    }

    /** Removes the listeners for notifications of the JVM and for log events. The counted values can still be read. */
    @Override
    public void close() {
        collections.close();
        pressure.close();
        events.close();
    }
}
