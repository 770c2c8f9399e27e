package io.rejoin.edge.websocket;

import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request to upgrade, decoded. */
public final class UpgradeRequest {
    /** Begins the subprotocol that carries a token: browsers can set no other header, and logs hold URLs. */
    static final String TOKEN_SUBPROTOCOL = "rejoin.token.";

    private final String path;
    private final Map<String, List<String>> query;
    private final Function<String, List<String>> headers;

    /**
     * @param rawPath the path as sent, percent-encoded; slashes that follow another one or end it mean nothing
     * @param rawQuery what follows the question mark, or nothing
     * @param headers all values of a header, by its name in any case
     * @throws UpgradeRefused 400 when the percent-encoding is malformed, or is not of UTF-8
     */
    public UpgradeRequest(String rawPath, String rawQuery, Function<String, List<String>> headers)
            throws UpgradeRefused {
        this.path = PercentEncoding.decode(plain(rawPath), false);
        this.query = parse(rawQuery);
        this.headers = headers;
    }

    /** The decoded path, without a slash at its end. An encoded slash has become a slash. */
    public String path() {
        return path;
    }

    /**
     * A query parameter, decoded; null without such a parameter.
     *
     * @throws UpgradeRefused 400 when it is given twice, with different values
     */
    public @Nullable String query(String name) throws UpgradeRefused {
        var values = query.getOrDefault(name, List.of());
        if (values.stream().distinct().count() > 1)
            throw new UpgradeRefused(RefusalCode.BAD_REQUEST, "the URL says " + name + " twice, and not the same");
        return values.isEmpty() ? null : values.getFirst();
    }

    /** The first value of a header, as sent; null without such a header. */
    public @Nullable String header(String name) {
        var values = headers.apply(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** The token among the offered subprotocols, or null. */
    public @Nullable String subprotocolToken() throws UpgradeRefused {
        var tokens = subprotocols().stream().filter(offer -> offer.startsWith(TOKEN_SUBPROTOCOL)).toList();
        if (tokens.size() > 1) throw new UpgradeRefused(RefusalCode.BAD_REQUEST, "two tokens among the subprotocols");
        return tokens.isEmpty() ? null : tokens.getFirst().substring(TOKEN_SUBPROTOCOL.length());
    }

    /** The subprotocols that are offered, each once. */
    Set<String> subprotocols() {
        var offers = new LinkedHashSet<String>();
        for (var value : headers.apply("Sec-WebSocket-Protocol")) {
            Arrays.stream(value.split(",", -1)).map(String::strip).filter(offer -> !offer.isEmpty())
                    .forEach(offers::add);
        }
        return offers;
    }

    /** All values of a header, one for each time it was sent. */
    List<String> headers(String name) {
        return headers.apply(name);
    }

    private static String plain(String rawPath) {
        var single = rawPath.replaceAll("/{2,}", "/");
        return single.length() > 1 && single.endsWith("/") ? single.substring(0, single.length() - 1) : single;
    }

    private static Map<String, List<String>> parse(String rawQuery) throws UpgradeRefused {
        var parameters = new HashMap<String, List<String>>();
        for (var pair : rawQuery.split("&", -1)) {
            if (pair.isEmpty()) continue;
            var equals = pair.indexOf('=');
            var name = equals < 0 ? pair : pair.substring(0, equals);
            var value = equals < 0 ? "" : pair.substring(equals + 1);
            parameters.computeIfAbsent(PercentEncoding.decode(name, true), _ -> new ArrayList<>())
                    .add(PercentEncoding.decode(value, true));
        }
        return parameters;
    }
}
