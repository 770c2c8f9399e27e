package io.rejoin.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A step of one traced post, with the time it took: a span. What is not traced has steps too, which do nothing; where a service
 * does not trace, its steps hand on what they were given. Safe for any thread; no method blocks.
 */
public final class Step {
    /** Of what is not traced. */
    public static final Step NONE = new Step(Span.getInvalid());

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");

    private final Span span;
    private final AtomicBoolean ended = new AtomicBoolean();

    Step(Span span) {
        this.span = span;
    }

    /** Whether somebody is to go on with this trace. */
    public boolean isTraced() {
        return span.getSpanContext().isSampled();
    }

    /** Whether this service records it: one that does not trace hands on what it was given. */
    public boolean isRecorded() {
        return span.isRecording();
    }

    /** What the next step needs, as W3C Trace Context writes it; null when this is not traced. */
    public @Nullable String context() {
        return isTraced() ? TraceContext.write(span.getSpanContext()) : null;
    }

    Span span() {
        return span;
    }

    /** Notes something that helps to understand it: never a text of a client, nor a token. */
    public Step note(String name, String value) {
        span.setAttribute(name, value);
        return this;
    }

    /** Notes a number. */
    public Step note(String name, long value) {
        span.setAttribute(name, value);
        return this;
    }

    /** Notes where in Kafka it reads, under the names that OpenTelemetry gives these things. */
    public Step from(String topic, int partition, long offset) {
        if (!span.isRecording()) return this;
        span.setAttribute(SYSTEM, "kafka");
        span.setAttribute(TOPIC, topic);
        span.setAttribute(PARTITION, Integer.toString(partition));
        span.setAttribute(OFFSET, offset);
        return this;
    }

    /** Notes that something has happened in it by now. */
    public void happened(String name) {
        span.addEvent(name);
    }

    /** It has come to its end. Only the first end counts. */
    public void end() {
        if (ended.compareAndSet(false, true)) span.end();
    }

    /** It has failed, and so come to its end. */
    public void fail(String reason) {
        if (!ended.compareAndSet(false, true)) return;
        span.setStatus(StatusCode.ERROR, reason);
        span.end();
    }

    /** It has come to an end, in failure if a reason is given. */
    public void end(@Nullable Exception failure) {
        if (failure == null) end();
        else
            fail(failure.toString());
    }
}
