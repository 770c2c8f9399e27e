package io.rejoin.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads and writes the text form of a trace context: {@code traceparent} of W3C Trace Context. */
final class TraceContext {
    static final String NAME = "traceparent";

    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

    private TraceContext() {}

    static String write(SpanContext span) {
        var written = new StringBuilder();
        W3C.inject(Context.root().with(Span.wrap(span)), written, (carrier, name, value) -> {
            if (carrier != null && name.equals(NAME)) carrier.append(value);
        });
        return written.toString();
    }

    /** Reads a context with that parent; a context without a parent if the text is invalid. */
    static Context read(String text) {
        return W3C.extract(Context.root(), text, Getter.INSTANCE);
    }

    private enum Getter implements TextMapGetter<String> {
        INSTANCE;

        @Override
        public @Nullable String get(@Nullable String carrier, String key) {
            return key.equals(NAME) ? Objects.requireNonNull(carrier) : null;
        }
    }
}
