package io.rejoin.edge.websocket;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.client.RefusalCode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** An upgrade is refused; the client gets an HTTP answer and no WebSocket. */
public final class UpgradeRefused extends Exception {
    private static final long serialVersionUID = 1;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final RefusalCode code;
    private final transient Map<String, String> headers;

    /** @param message for the client's developer: what is wrong, and what to do */
    public UpgradeRefused(RefusalCode code, String message) {
        this(code, message, Map.of());
    }

    /** With headers on top of those that belong to the code. */
    UpgradeRefused(RefusalCode code, String message, Map<String, String> headers) {
        super(message);
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    /** Why. */
    public RefusalCode code() {
        return code;
    }

    /** The answer's headers but its length: a page of any origin may read why it was refused. */
    public Map<String, String> headers() {
        var all = new LinkedHashMap<String, String>();
        all.put("Content-Type", "application/json");
        all.put("Access-Control-Allow-Origin", "*");
        all.put("Cache-Control", "no-store");
        if (code.isRetryable()) all.put("Retry-After", Long.toString(RETRY_AFTER.toSeconds()));
        if (code == RefusalCode.INVALID_TOKEN) all.put("WWW-Authenticate", "Bearer"); // RFC 9110, section 11.6.1
        if (code == RefusalCode.UPGRADE_REQUIRED) all.put("Upgrade", "websocket"); // section 15.5.22
        all.putAll(headers);
        return all;
    }

    /** {@code {"code", "message"}}. */
    public byte[] body() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("code", code.wireName());
        fields.put("message", Objects.requireNonNull(getMessage()));
        try {
            return Json.MAPPER.writeValueAsBytes(fields);
        } catch (JacksonException e) {
            throw new IllegalStateException("two texts have JSON", e);
        }
    }
}
