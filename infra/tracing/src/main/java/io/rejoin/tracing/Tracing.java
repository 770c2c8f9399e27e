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
 * Makes the steps of traced posts and sends them to a collector, beside the work: in batches, on a thread of its own, dropping
 * what a collector does not take in time. Safe for any thread. Once it is open no method throws: where tracing fails, a trace has
 * a gap, and the work goes on.
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

    /** Records nothing, and hands on what others record. */
    public static Tracing off() {
        return new Tracing(OpenTelemetry.noop(), false, () -> {});
    }

    /** Records by an SDK that it owns from now on. */
    static Tracing by(OpenTelemetrySdk sdk) {
        return by(sdk, () -> sdk.shutdown().join(LAST_SPANS.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** @param close ends it */
    static Tracing by(OpenTelemetry telemetry, Runnable close) {
        return new Tracing(telemetry, true, close);
    }

    /**
     * Begins, if the settings want that. Where spans go, and what else can be said of them, the variables {@code OTEL_*} of the
     * process tell, as OpenTelemetry defines them: {@code OTEL_EXPORTER_OTLP_ENDPOINT} is {@code http://localhost:4318} without.
     *
     * @param service what the process is: {@code edge}, {@code router} or {@code history}
     * @throws ConfigException when such a variable has a value that cannot be used
     */
    public static Tracing open(TraceSettings settings, String service) {
        return open(settings, service, Map.of());
    }

    /** With values for what {@code OTEL_*} does not say, such as {@code otel.exporter.otlp.endpoint}. */
    static Tracing open(TraceSettings settings, String service, Map<String, String> defaults) {
        if (settings.isOff()) return off();
        if (!SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger(); // its console would say everything a second time
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
            throw new ConfigException("tracing cannot begin, see the variables OTEL_*: " + e.getMessage(), e);
        }
    }

    /** An empty variable is an unset one, as everywhere. */
    private static Map<String, String> withEndpoint(ConfigProperties given) {
        var isEmpty = given.getString(ENDPOINT, "").isBlank();
        return isEmpty ? Map.of(ENDPOINT, "http://localhost:4318") : Map.of();
    }

    /** A client's post begins here; it is traced if its turn has come. */
    public Step begin(String name) {
        return begins ? start(name, SpanKind.SERVER, Context::root) : Step.NONE;
    }

    /**
     * Something that another process has sent is taken.
     *
     * @param context what the sender wrote; null when it is not traced. What is no context counts as none
     */
    public Step receive(String name, @Nullable String context) {
        return context == null ? Step.NONE : start(name, SpanKind.CONSUMER, () -> TraceContext.read(context));
    }

    /** Something that follows from a step is sent to another process. */
    public Step send(String name, Step after) {
        return after.isTraced()
                ? start(name, SpanKind.PRODUCER, () -> Context.root().with(after.span()))
                : Step.NONE;
    }

    private Step start(String name, SpanKind kind, Supplier<Context> parent) {
        return Harmless.get(() -> {
            var after = parent.get();
            if (kind != SpanKind.SERVER && !Span.fromContext(after).getSpanContext().isSampled()) return Step.NONE;
            return new Step(tracer.spanBuilder(name).setParent(after).setSpanKind(kind).startSpan());
        }, Step.NONE);
    }

    /** Sends what it still has, within two seconds, and ends. */
    @Override
    public void close() {
        Harmless.run(close);
    }
}
