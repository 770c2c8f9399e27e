package io.rejoin.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Site;
import java.util.Map;

/**
 * {@code GET /metrics}: all meters, as OpenMetrics if the request accepts it, else in the text format of Prometheus.
 */
final class Scrape implements Site {
    private static final String PATH = "/metrics";
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String OPEN_METRICS_1 = OPEN_METRICS + "; version=1.0.0; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry;
    private final Site others;

    Scrape(PrometheusMeterRegistry registry, Site others) {
        this.registry = registry;
        this.others = others;
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused, InterruptedException {
        if (!request.target().path().equals(PATH)) {
            others.answer(request, reply);
            return;
        }
        if (!request.reads()) throw RequestRefused.method("GET, HEAD");
        var type = type(request);
        reply.send(Answer.of(200, Map.of("Content-Type", type, "Cache-Control", "no-store"),
                registry.scrape(type).getBytes(UTF_8)));
    }

    private static String type(RequestHead request) {
        var isOpenMetrics = request.all("Accept").stream().anyMatch(accept -> accept.contains(OPEN_METRICS));
        return isOpenMetrics ? OPEN_METRICS_1 : PROMETHEUS;
    }
}
