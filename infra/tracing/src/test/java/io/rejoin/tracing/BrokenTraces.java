package io.rejoin.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Traces every post with a failing library, for tests: the failures must not reach the traced work. */
public final class BrokenTraces {
    private BrokenTraces() {}

    /** Tracing whose steps begin, but every call on a step throws. */
    public static Tracing inEveryStep() {
        return tracing(Failing::new);
    }

    /** Tracing that fails to begin any step. */
    public static Tracing fromTheBeginning() {
        return tracing(() -> {
            throw broken();
        });
    }

    private static Tracing tracing(Supplier<Span> spans) {
        TracerProvider tracers = new TracerProvider() {
            @Override
            public Tracer get(String scope) {
                return _ -> builder(spans);
            }

            @Override
            public Tracer get(String scope, String version) {
                return get(scope);
            }
        };
        return Tracing.by(new OpenTelemetry() {
            @Override
            public TracerProvider getTracerProvider() {
                return tracers;
            }

            @Override
            public ContextPropagators getPropagators() {
                throw broken();
            }
        }, () -> {
            throw broken();
        });
    }

    private static SpanBuilder builder(Supplier<Span> spans) {
        return (SpanBuilder) Proxy.newProxyInstance(SpanBuilder.class.getClassLoader(),
                new Class<?>[]{SpanBuilder.class},
                (proxy, method, _) -> method.getName().equals("startSpan") ? spans.get() : proxy);
    }

    private static IllegalStateException broken() {
        return new IllegalStateException("tracing is broken");
    }

    private static final class Failing implements Span {
        @Override
        public SpanContext getSpanContext() {
            return SpanContext.create("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", TraceFlags.getSampled(),
                    TraceState.getDefault());
        }

        @Override
        public boolean isRecording() {
            return true;
        }

        @Override
        public <T> Span setAttribute(AttributeKey<T> key, @Nullable T value) {
            throw broken();
        }

        @Override
        public Span addEvent(String name, Attributes attributes) {
            throw broken();
        }

        @Override
        public Span addEvent(String name, Attributes attributes, long at, TimeUnit unit) {
            throw broken();
        }

        @Override
        public Span setStatus(StatusCode status, String reason) {
            throw broken();
        }

        @Override
        public Span recordException(Throwable failure, Attributes attributes) {
            throw broken();
        }

        @Override
        public Span updateName(String name) {
            throw broken();
        }

        @Override
        public void end() {
            throw broken();
        }

        @Override
        public void end(long at, TimeUnit unit) {
            throw broken();
        }
    }
}
