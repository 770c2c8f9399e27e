package io.rejoin.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A step of a traced post with its duration: a span. Posts without a trace have steps, too, which do nothing. If a
 * service does not record traces, its steps pass on the context that they received. Safe for any thread. No method
 * blocks, and none throws. If tracing fails, the trace has a gap, and the traced work is not affected.
 */
public final class Step {
    /** The step of a post without a trace. */
    public static final Step NONE = new Step(Span.getInvalid());

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");

    private final Span span;
    private final boolean isTraced;
    private final boolean isRecorded;
    private final AtomicBoolean ended = new AtomicBoolean();

    Step(Span span) {
        this.span = span;
        this.isTraced = span.getSpanContext().isSampled();
        this.isRecorded = span.isRecording();
    }

    /** Whether the trace continues in the next step. */
    public boolean isTraced() {
        return isTraced;
    }

    /** Whether this service records the step. A service without tracing only passes on the context. */
    public boolean isRecorded() {
        return isRecorded;
    }

    /** The context for the next step, as W3C Trace Context; null if not traced. */
    public @Nullable String context() {
        if (!isTraced) return null;
        var written = SafeTracing.get(() -> TraceContext.write(span.getSpanContext()), "");
        return written.isEmpty() ? null : written;
    }

    Span span() {
        return span;
    }

    /** Adds an attribute. It must contain no text of a client and no token. */
    public Step note(String name, String value) {
        record(() -> span.setAttribute(name, value));
        return this;
    }

    /** Adds a number as an attribute. */
    public Step note(String name, long value) {
        record(() -> span.setAttribute(name, value));
        return this;
    }

    /** Adds the place in Kafka that the step reads from, with the attribute names of OpenTelemetry. */
    public Step from(String topic, int partition, long offset) {
        record(() -> {
            span.setAttribute(SYSTEM, "kafka");
            span.setAttribute(TOPIC, topic);
            span.setAttribute(PARTITION, Integer.toString(partition));
            span.setAttribute(OFFSET, offset);
        });
        return this;
    }

    /** Adds an event at the current time. */
    public void happened(String name) {
        record(() -> span.addEvent(name));
    }

    /**
     * Runs an action that watches other parts for this step, such as a callback when a socket has sent something. If
     * the action throws, the step fails.
     */
    public void follow(Runnable how) {
        if (isRecorded && !SafeTracing.run(how)) fail("the step could not be observed");
    }

    /** Ends the step. Only the first end counts. */
    public void end() {
        if (ended.compareAndSet(false, true)) record(span::end);
    }

    /** Ends the step as failed. */
    public void fail(String reason) {
        if (!ended.compareAndSet(false, true)) return;
        record(() -> span.setStatus(StatusCode.ERROR, reason));
        record(span::end);
    }

    /** Ends the step; as failed if a failure is given. */
    public void end(@Nullable Exception failure) {
        if (failure == null) end();
        else
            fail(SafeTracing.get(failure::toString, "unknown failure"));
    }

    private void record(Runnable what) {
        if (isRecorded) SafeTracing.run(what);
    }
}
