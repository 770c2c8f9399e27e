package io.rejoin.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.rejoin.contracts.env.ConfigException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Creates the steps of traced posts and exports them to a collector. A separate thread exports in batches; steps that
 * the collector does not take in time are dropped. Safe for any thread. Once it is open, no method throws. If tracing
 * fails, a trace has a gap, and the traced work is not affected.
 */
public final class Tracing implements AutoCloseable {
    private static final String ENDPOINT = "otel.exporter.otlp.endpoint";
    private static final Duration LAST_SPANS = Duration.ofSeconds(2);

    private final Tracer tracer;
    private final boolean begins;
    private final Runnable close;

    private Tracing(OpenTelemetry telemetry, boolean begins, Runnable close) {
        this.tracer = telemetry.getTracer("io.rejoin");
        this.begins = begins;
        this.close = close;
    }

    /** Records no steps, but passes on the contexts of traces that other services record. */
    public static Tracing off() {
        return new Tracing(OpenTelemetry.noop(), false, () -> {});
    }

    /** Records with an SDK, which {@link #close()} shuts down. */
    static Tracing by(OpenTelemetrySdk sdk) {
        return by(sdk, () -> sdk.shutdown().join(LAST_SPANS.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** @param close shuts down the telemetry */
    static Tracing by(OpenTelemetry telemetry, Runnable close) {
        return new Tracing(telemetry, true, close);
    }

    /**
     * Starts tracing, if the settings want it. The environment variables {@code OTEL_*} configure the exporter and the
     * other options, as OpenTelemetry defines them. The default of {@code OTEL_EXPORTER_OTLP_ENDPOINT} is
     * {@code http://localhost:4318}.
     *
     * @param service the kind of service: {@code edge}, {@code router} or {@code history}
     * @throws ConfigException when such a variable has an unusable value
     */
    public static Tracing open(TraceSettings settings, String service) {
        return open(settings, service, Map.of());
    }

    /** Like the other method, with defaults for {@code OTEL_*}, such as {@code otel.exporter.otlp.endpoint}. */
    static Tracing open(TraceSettings settings, String service, Map<String, String> defaults) {
        if (settings.isOff()) return off();
        if (!SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger(); // its console handler would log everything twice
            SLF4JBridgeHandler.install();
        }
        var properties = new HashMap<>(Map.of(
                "otel.service.name", "rejoin-" + service,
                "otel.traces.sampler", "parentbased_traceidratio",
                "otel.traces.sampler.arg", Double.toString(settings.part()),
                "otel.exporter.otlp.protocol", "http/protobuf",
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none"));
        properties.putAll(defaults);
        try {
            return by(AutoConfiguredOpenTelemetrySdk.builder().addPropertiesSupplier(() -> properties)
                    .addPropertiesCustomizer(Tracing::withEndpoint).disableShutdownHook().build()
                    .getOpenTelemetrySdk());
        } catch (ConfigurationException | IllegalArgumentException e) {
            throw new ConfigException("tracing cannot start, check the variables OTEL_*: " + e.getMessage(), e);
        }
    }

    /** Sets the default endpoint. An empty variable counts as unset, as in all settings. */
    private static Map<String, String> withEndpoint(ConfigProperties given) {
        var isEmpty = given.getString(ENDPOINT, "").isBlank();
        return isEmpty ? Map.of(ENDPOINT, "http://localhost:4318") : Map.of();
    }

    /** Begins the first step of a post. The sampler decides whether the post is traced. */
    public Step begin(String name) {
        return begins ? start(name, SpanKind.SERVER, Context::root) : Step.NONE;
    }

    /**
     * Begins the step of something received from another process.
     *
     * @param context the sender's context; null if not traced. An invalid context counts as none
     */
    public Step receive(String name, @Nullable String context) {
        return context == null ? Step.NONE : start(name, SpanKind.CONSUMER, () -> TraceContext.read(context));
    }

    /** Begins the step of something sent to another process as a result of the step {@code after}. */
    public Step send(String name, Step after) {
        return after.isTraced()
                ? start(name, SpanKind.PRODUCER, () -> Context.root().with(after.span()))
                : Step.NONE;
    }

    private Step start(String name, SpanKind kind, Supplier<Context> parent) {
        return SafeTracing.get(() -> {
            var after = parent.get();
            if (kind != SpanKind.SERVER && !Span.fromContext(after).getSpanContext().isSampled()) return Step.NONE;
            return new Step(tracer.spanBuilder(name).setParent(after).setSpanKind(kind).startSpan());
        }, Step.NONE);
    }

    /** Exports the remaining steps, within two seconds, and shuts down. */
    @Override
    public void close() {
        SafeTracing.run(close);
    }
}
