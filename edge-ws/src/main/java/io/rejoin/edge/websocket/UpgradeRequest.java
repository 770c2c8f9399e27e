package io.rejoin.edge.websocket;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Target;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A decoded request to open a WebSocket. */
public final class UpgradeRequest {
    /**
     * The prefix of a subprotocol that carries a token. A browser can set no other header, and logs may contain URLs.
     */
    static final String TOKEN_SUBPROTOCOL = "rejoin.token.";

    private final Target target;
    private final Function<String, List<String>> headers;

    /**
     * @param headers returns all values of a header, by its name in any case
     * @throws RequestRefused as {@link Target#of}
     */
    public UpgradeRequest(String rawPath, String rawQuery, Function<String, List<String>> headers)
            throws RequestRefused {
        this.target = Target.of(rawPath, rawQuery);
        this.headers = headers;
    }

    /** The decoded path, without a slash at its end. An encoded slash is decoded to a slash. */
    public String path() {
        return target.path();
    }

    /**
     * A decoded query parameter; null if the query does not have it.
     *
     * @throws RequestRefused 400 when the parameter is given twice with different values
     */
    public @Nullable String query(String name) throws RequestRefused {
        return target.parameter(name);
    }

    /** The first value of a header, as sent; null if the request does not have the header. */
    public @Nullable String header(String name) {
        var values = headers.apply(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** The token that the client offers as a subprotocol, or null. */
    public @Nullable String subprotocolToken() throws RequestRefused {
        var tokens = subprotocols().stream().filter(offer -> offer.startsWith(TOKEN_SUBPROTOCOL)).toList();
        if (tokens.size() > 1)
            throw new RequestRefused(RefusalCode.BAD_REQUEST, "the subprotocols have two tokens: offer one");
        return tokens.isEmpty() ? null : tokens.getFirst().substring(TOKEN_SUBPROTOCOL.length());
    }

    /** The subprotocols that the client offers, without duplicates. */
    Set<String> subprotocols() {
        var offered = headers.apply("Sec-WebSocket-Protocol");
        if (offered.isEmpty()) return Set.of(); // most clients except browsers
        var offers = new LinkedHashSet<String>();
        for (var value : offered) {
            for (var offer : value.split(",", -1)) {
                if (!offer.isBlank()) offers.add(offer.strip());
            }
        }
        return offers;
    }

    /** All values of a header, one for each time the header was sent. */
    List<String> headers(String name) {
        return headers.apply(name);
    }
}
