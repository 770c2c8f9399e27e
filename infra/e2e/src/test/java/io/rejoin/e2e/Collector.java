package io.rejoin.e2e;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Receives traces by OTLP over HTTP and keeps them until this JVM ends. */
final class Collector {
    /**
     * One span of a trace.
     *
     * @param parent id of the parent span; empty for a root
     * @param begin  in nanoseconds since the epoch
     * @param events times by event name
     */
    record Step(String trace, String id, String parent, String service, String name, long begin, long end,
            boolean isFailed, Map<String, String> notes, Map<String, Long> events) {}

    private final HttpServer server;
    private final List<Step> steps = new CopyOnWriteArrayList<>();

    Collector() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    /** The value of {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** All spans so far of the traces that this service started. */
    List<Step> begunBy(String service) {
        var traces = steps.stream().filter(step -> step.parent().isEmpty() && step.service().equals(service))
                .map(Step::trace).collect(Collectors.toSet());
        return steps.stream().filter(step -> traces.contains(step.trace())).toList();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            for (var resource : ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()).getResourceSpansList()) {
                var service = texts(resource.getResource().getAttributesList()).get("service.name");
                for (var scope : resource.getScopeSpansList()) {
                    for (var span : scope.getSpansList()) steps.add(step(String.valueOf(service), span));
                }
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static Step step(String service, Span span) {
        return new Step(hex(span.getTraceId()), hex(span.getSpanId()), hex(span.getParentSpanId()), service,
                span.getName(), span.getStartTimeUnixNano(), span.getEndTimeUnixNano(),
                span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR, texts(span.getAttributesList()),
                span.getEventsList().stream()
                        .collect(Collectors.toMap(Span.Event::getName, Span.Event::getTimeUnixNano)));
    }

    private static Map<String, String> texts(List<KeyValue> values) {
        return values.stream().collect(Collectors.toMap(KeyValue::getKey, each -> text(each.getValue())));
    }

    private static String text(AnyValue value) {
        return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
