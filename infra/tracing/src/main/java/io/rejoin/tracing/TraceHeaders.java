package io.rejoin.tracing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes trace contexts in the headers of Kafka records. Headers keep the record's value independent of
 * tracing. A record with a single item has the header {@code traceparent}, as W3C and OpenTelemetry name it. A record
 * with a list has a header for each traced entry, such as {@code traceparent-7}, by index from 0. No method throws.
 */
public final class TraceHeaders {
    /** The most traced entries of one record. The traces of further entries end there. */
    static final int MAX = 256;
    /** Longer than any {@code traceparent}. */
    private static final int MAX_BYTES = 100;

    private static final String OF_ENTRY = TraceContext.NAME + "-";

    private TraceHeaders() {}

    /** Adds the context of a record with a single item. */
    public static void put(Headers headers, Step step) {
        add(headers, TraceContext.NAME, step.context());
    }

    /** Adds the contexts of the entries of a record, by index. */
    public static void put(Headers headers, Map<Integer, Step> steps) {
        steps.entrySet().stream().limit(MAX)
                .forEach(entry -> add(headers, OF_ENTRY + entry.getKey(), entry.getValue().context()));
    }

    /** Adds contexts that were received before, by index. */
    public static void putContexts(Headers headers, Map<Integer, String> contexts) {
        contexts.entrySet().stream().limit(MAX)
                .forEach(entry -> add(headers, OF_ENTRY + entry.getKey(), entry.getValue()));
    }

    private static void add(Headers headers, String name, @Nullable String context) {
        if (context != null) SafeTracing.run(() -> headers.add(name, context.getBytes(US_ASCII)));
    }

    /** The context of a record with a single item; null if not traced. */
    public static @Nullable String of(Headers headers) {
        return SafeTracing.get(() -> {
            var header = headers.lastHeader(TraceContext.NAME);
            return Optional.ofNullable(header == null ? null : text(header));
        }, Optional.<String>empty()).orElse(null);
    }

    /** The contexts of the entries of a record, by index. Other headers are ignored. */
    public static Map<Integer, String> ofEntries(Headers headers) {
        return SafeTracing.get(() -> entries(headers), Map.<Integer, String>of());
    }

    private static Map<Integer, String> entries(Headers headers) {
        Map<Integer, String> found = Map.of();
        for (var header : headers) {
            var text = header.key().startsWith(OF_ENTRY) ? text(header) : null;
            if (text == null) continue;
            var index = index(header.key());
            if (index < 0 || found.size() >= MAX) continue;
            if (found.isEmpty()) found = new HashMap<>();
            found.put(index, text);
        }
        return found;
    }

    private static int index(String name) {
        try {
            return Integer.parseInt(name.substring(OF_ENTRY.length()));
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private static @Nullable String text(Header header) {
        var value = header.value();
        return value == null || value.length > MAX_BYTES ? null : new String(value, US_ASCII);
    }
}
