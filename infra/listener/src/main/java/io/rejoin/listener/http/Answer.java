package io.rejoin.listener.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.core.JacksonException;
import io.helidon.http.Status;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.client.RefusalCode;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An answer to a request: a status, ordered headers, and a body. Immutable, provided that nobody changes the body's
 * bytes.
 */
public final class Answer {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final byte[] NOTHING = {};

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Answer(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers)); // keeps the order
        this.body = body;
    }

    public static Answer of(int status, Map<String, String> headers, byte[] body) {
        return new Answer(status, headers, body);
    }

    /** An answer without a body: 204 or 304. */
    public static Answer empty(int status, Map<String, String> headers) {
        return new Answer(status, headers, NOTHING);
    }

    /** An answer with a JSON body, which must not be cached. */
    public static Answer json(int status, Object body) {
        return json(status, toJson(body));
    }

    /** An answer with a body that is already encoded as JSON. The answer must not be cached. */
    public static Answer json(int status, byte[] body) {
        return new Answer(status, Map.of("Content-Type", "application/json"), body).with("Cache-Control", "no-store");
    }

    /** A refusal with the body {@code {"code", "message"}}. Pages of any origin may read the reason (CORS). */
    public static Answer refusal(RefusalCode code, String message) {
        var answer = refusal(code.status(), code.wireName(), message).with("Access-Control-Allow-Origin", "*");
        if (code.isRetryable()) answer = answer.with("Retry-After", Long.toString(RETRY_AFTER.toSeconds()));
        return switch (code) {
            case INVALID_TOKEN -> answer.with("WWW-Authenticate", "Bearer"); // RFC 9110, section 11.6.1
            case UPGRADE_REQUIRED -> answer.with("Upgrade", "websocket"); // section 15.5.22
            default -> answer;
        };
    }

    /** A refusal with a code that only this service has. */
    public static Answer refusal(int status, String code, String message) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("code", code);
        fields.put("message", message);
        return json(status, fields);
    }

    /** The refusal for a thrown {@link RequestRefused}, with its headers. */
    public static Answer refusal(RequestRefused refused) {
        var answer = refusal(refused.code(), Objects.requireNonNull(refused.getMessage()));
        for (var header : refused.headers().entrySet()) answer = answer.with(header.getKey(), header.getValue());
        return answer;
    }

    /** A copy in which the header has this value. */
    public Answer with(String name, String value) {
        var all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new Answer(status, all, body);
    }

    /**
     * A copy with a {@code Connection} header. An answer with an {@code Upgrade} header must also name it there (RFC
     * 9110, section 7.8).
     */
    Answer withConnection(String option) {
        var upgrade = headers.containsKey("Upgrade") ? "upgrade" : "";
        var options = Stream.of(upgrade, option).filter(each -> !each.isEmpty()).collect(Collectors.joining(", "));
        return options.isEmpty() ? this : with("Connection", options);
    }

    public int status() {
        return status;
    }

    public Map<String, String> headers() {
        return headers;
    }

    /** The encoded status line and headers. A HEAD request gets nothing more. */
    byte[] head() {
        var text = new StringBuilder("HTTP/1.1 ").append(status).append(' ')
                .append(Status.create(status).reasonPhrase())
                .append("\r\n");
        headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        if (status != 204 && status != 304) text.append("Content-Length: ").append(body.length).append("\r\n");
        return text.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    /** The body; callers must not change it. */
    byte[] body() {
        return body;
    }

    private static byte[] toJson(Object body) {
        try {
            return Json.MAPPER.writeValueAsBytes(body);
        } catch (JacksonException e) {
            throw new IllegalStateException("an answer cannot be written as JSON", e);
        }
    }
}
