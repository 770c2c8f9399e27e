package io.rejoin.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Site;
import java.util.List;

/**
 * The meters of one service, each with the tag {@code service}, and the page that shows them. Those of the JVM are there from
 * the start: memory, collections, threads, processor, open files, uptime.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** @param service the value of the tag: {@code edge}, {@code router} or {@code history} */
    public Metrics(String service) {
        registry.config().commonTags(List.of(Tag.of("service", service)));
        for (var binder : List.of(new JvmMemoryMetrics(), collections, new JvmThreadMetrics(), new ProcessorMetrics(),
                new FileDescriptorMetrics(), new UptimeMetrics())) {
            binder.bindTo(registry);
        }
    }

    /** Where a service registers what it counts. Labels are bounded: no rooms, no users, no connections. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Answers {@code GET /metrics}; what is asked for anything else is answered by another site. */
    public Site before(Site others) {
        return new Scrape(registry, others);
    }

    /** Answers {@code GET /metrics}, and there is nothing else. */
    public Site alone() {
        return before((request, _) -> {
            throw RequestRefused.nothingThere();
        });
    }

    /** Lets go of the JVM's notifications. What was counted can still be read. */
    @Override
    public void close() {
        collections.close();
    }
}
