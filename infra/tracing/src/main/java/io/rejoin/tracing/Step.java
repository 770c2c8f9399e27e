package io.rejoin.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A step of one traced post, with the time it took: a span. What is not traced has steps too, which do nothing; where a service
 * does not trace, its steps hand on what they were given. Safe for any thread. No method blocks, and none throws: where tracing
 * fails, the trace has a gap, and the work goes on.
 */
public final class Step {
    /** Of what is not traced. */
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

    /** Whether somebody is to go on with this trace. */
    public boolean isTraced() {
        return isTraced;
    }

    /** Whether this service records it: one that does not trace hands on what it was given. */
    public boolean isRecorded() {
        return isRecorded;
    }

    /** What the next step needs, as W3C Trace Context writes it; null when this is not traced. */
    public @Nullable String context() {
        if (!isTraced) return null;
        var written = Harmless.get(() -> TraceContext.write(span.getSpanContext()), "");
        return written.isEmpty() ? null : written;
    }

    Span span() {
        return span;
    }

    /** Notes something that helps to understand it: never a text of a client, nor a token. */
    public Step note(String name, String value) {
        record(() -> span.setAttribute(name, value));
        return this;
    }

    /** Notes a number. */
    public Step note(String name, long value) {
        record(() -> span.setAttribute(name, value));
        return this;
    }

    /** Notes where in Kafka it reads, under the names that OpenTelemetry gives these things. */
    public Step from(String topic, int partition, long offset) {
        record(() -> {
            span.setAttribute(SYSTEM, "kafka");
            span.setAttribute(TOPIC, topic);
            span.setAttribute(PARTITION, Integer.toString(partition));
            span.setAttribute(OFFSET, offset);
        });
        return this;
    }

    /** Notes that something has happened in it by now. */
    public void happened(String name) {
        record(() -> span.addEvent(name));
    }

    /** Does for it what needs others, such as asking when a socket has sent something. If that throws, the step has failed. */
    public void follow(Runnable how) {
        if (isRecorded && !Harmless.run(how)) fail("it could not be followed");
    }

    /** It has come to its end. Only the first end counts. */
    public void end() {
        if (ended.compareAndSet(false, true)) record(span::end);
    }

    /** It has failed, and so come to its end. */
    public void fail(String reason) {
        if (!ended.compareAndSet(false, true)) return;
        record(() -> span.setStatus(StatusCode.ERROR, reason));
        record(span::end);
    }

    /** It has come to an end, in failure if a reason is given. */
    public void end(@Nullable Exception failure) {
        if (failure == null) end();
        else
            fail(Harmless.get(failure::toString, "of an unknown failure"));
    }

    private void record(Runnable what) {
        if (isRecorded) Harmless.run(what);
    }
}
