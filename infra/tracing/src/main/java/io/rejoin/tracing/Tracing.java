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
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Makes the steps of traced posts and sends them to a collector, beside the work: in batches, on a thread of its own, dropping
 * what a collector does not take in time. Safe for any thread.
 */
public final class Tracing implements AutoCloseable {
    private static final String ENDPOINT = "otel.exporter.otlp.endpoint";
    private static final Duration LAST_SPANS = Duration.ofSeconds(2);

    private final @Nullable OpenTelemetrySdk sdk;
    private final Tracer tracer;

    private Tracing(@Nullable OpenTelemetrySdk sdk, OpenTelemetry telemetry) {
        this.sdk = sdk;
        this.tracer = telemetry.getTracer("io.rejoin");
    }

    /** Records nothing, and hands on what others record. */
    public static Tracing off() {
        return new Tracing(null, OpenTelemetry.noop());
    }

    /** Records by an SDK that it owns from now on. */
    static Tracing by(OpenTelemetrySdk sdk) {
        return new Tracing(sdk, sdk);
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
        if (sdk == null) return Step.NONE;
        return new Step(tracer.spanBuilder(name).setParent(Context.root()).setSpanKind(SpanKind.SERVER).startSpan());
    }

    /**
     * Something that another process has sent is taken.
     *
     * @param context what the sender wrote; null when it is not traced. What is no context counts as none
     */
    public Step receive(String name, @Nullable String context) {
        if (context == null) return Step.NONE;
        var parent = TraceContext.read(context);
        if (!Span.fromContext(parent).getSpanContext().isSampled()) return Step.NONE;
        return new Step(tracer.spanBuilder(name).setParent(parent).setSpanKind(SpanKind.CONSUMER).startSpan());
    }

    /** Something that follows from a step is sent to another process. */
    public Step send(String name, Step after) {
        if (!after.isTraced()) return Step.NONE;
        return new Step(tracer.spanBuilder(name).setParent(Context.root().with(after.span()))
                .setSpanKind(SpanKind.PRODUCER).startSpan());
    }

    /** Sends what it still has, within two seconds, and ends. */
    @Override
    public void close() {
        if (sdk != null) sdk.shutdown().join(LAST_SPANS.toMillis(), TimeUnit.MILLISECONDS);
    }
}
