package io.rejoin.tracing;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;

/** Traces every post and keeps the ended steps, for tests. */
public final class RecordedTraces {
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final Tracing tracing = Tracing.by(OpenTelemetrySdk.builder()
            .setTracerProvider(
                    SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(spans)).build())
            .build());

    public Tracing tracing() {
        return tracing;
    }

    List<SpanData> spans() {
        return spans.getFinishedSpanItems();
    }

    /** The ended steps, in the order of their ends, each with the reason of a failure. */
    public List<String> ended() {
        return spans().stream().map(RecordedTraces::text).toList();
    }

    private static String text(SpanData span) {
        var failure = span.getStatus().getDescription();
        return failure.isEmpty() ? span.getName() : span.getName() + ": " + failure;
    }
}
