package io.rejoin.edge.websocket;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request to upgrade, decoded. */
public final class UpgradeRequest {
    private final String path;
    private final Map<String, String> query;
    private final Function<String, List<String>> headers;

    /**
     * @param rawPath the path as sent, percent-encoded
     * @param rawQuery what follows the question mark, or nothing
     * @param headers all values of a header, by its name in any case
     * @throws UpgradeRefused 400 when the percent-encoding is malformed, or is not of UTF-8
     */
    public UpgradeRequest(String rawPath, String rawQuery, Function<String, List<String>> headers)
            throws UpgradeRefused {
        this.path = PercentEncoding.decode(rawPath, false);
        this.query = parse(rawQuery);
        this.headers = headers;
    }

    /** The decoded path. An encoded slash has become a slash. */
    public String path() {
        return path;
    }

    /** The first value of a query parameter, decoded; null without such a parameter. */
    public @Nullable String query(String name) {
        return query.get(name);
    }

    /** The first value of a header, as sent; null without such a header. */
    public @Nullable String header(String name) {
        var values = headers.apply(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** All values of a header, one for each time it was sent. */
    List<String> headers(String name) {
        return headers.apply(name);
    }

    private static Map<String, String> parse(String rawQuery) throws UpgradeRefused {
        var parameters = new HashMap<String, String>();
        for (var pair : rawQuery.split("&", -1)) {
            if (pair.isEmpty()) continue;
            var equals = pair.indexOf('=');
            var name = equals < 0 ? pair : pair.substring(0, equals);
            var value = equals < 0 ? "" : pair.substring(equals + 1);
            parameters.putIfAbsent(PercentEncoding.decode(name, true), PercentEncoding.decode(value, true));
        }
        return parameters;
    }
}
