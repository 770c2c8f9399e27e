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
 * The meters of one service, each with the tag {@code service}, and the page that shows them. Those of the JVM are there from
 * the start: memory, collections, threads, processor, open files, uptime; and how much it logs.
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

    /** Where a service registers what it counts. Labels are bounded: no rooms, no users, no connections. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Shows whether the service is ready, as {@code rejoin_<service>_ready}: 1 while {@code /health/ready} is 200. */
    public void showReady(BooleanSupplier ready) {
        Gauge.builder("rejoin." + service + ".ready", () -> ready.getAsBoolean() ? 1 : 0)
                .description("1 while /health/ready is 200").register(registry);
    }

    /**
     * Shows the few numbers of a client of Kafka that tell whether it gets on, as {@code rejoin_kafka_…}.
     *
     * @param client  what it is for: the value of the label {@code client}
     * @param numbers what the client counts of itself; asked from any thread
     */
    public void showKafka(String client, Supplier<? extends Map<MetricName, ? extends Metric>> numbers) {
        KafkaMeters.show(registry, client, numbers);
    }

    /** Answers {@code GET /metrics}; what is asked for anything else is answered by another site. */
    public Site before(Site others) {
        return new Scrape(registry, others);
    }

    /** Lets go of the JVM's notifications. What was counted can still be read. */
    @Override
    public void close() {
        collections.close();
        pressure.close();
        events.close();
    }
}
