package io.rejoin.edge.auth;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a token's claims must contain, and where they hold the user, the tenant and the rooms.
 *
 * @param issuer       the required {@code iss}; null for any
 * @param audiences    the accepted values, one of which {@code aud} must contain; empty for any
 * @param requireExp   whether a token that never expires is refused
 * @param user         the place of the user's name
 * @param tenant       the place of the tenant; without a value there, the tenant is the default one
 * @param rooms        the place of the rooms: a list of patterns, or one text with spaces between them
 * @param defaultRooms what a token grants that has no rooms
 */
public record TokenRules(@Nullable String issuer, Set<String> audiences, boolean requireExp, ClaimPath user,
        ClaimPath tenant, ClaimPath rooms, Grants defaultRooms) {
    /**
     * The rules for an issuer that serves only this service: {@code sub}, {@code tenant}, {@code rooms}, and
     * {@code exp}.
     */
    public static final TokenRules DEFAULT = new TokenRules(null, Set.of(), true, new ClaimPath("sub"),
            new ClaimPath("tenant"), new ClaimPath("rooms"), Grants.ALL);

    /**
     * The tolerance for clocks that differ. A token is accepted this much before {@code nbf} and after {@code exp}, and
     * its connection lasts this much longer.
     */
    static final Duration LEEWAY = Duration.ofSeconds(30);
    /** The end of the year 9999. A later time is probably not in seconds. */
    private static final long LAST_SECOND = 253_402_300_799L;

    public TokenRules {
        audiences = Set.copyOf(audiences);
    }

    /**
     * Checks the claims and returns the principal that they describe.
     *
     * @param claims of a token whose signature was verified
     * @throws InvalidTokenException when the claims are not valid at that time
     */
    Principal principal(JsonNode claims, Instant now) throws InvalidTokenException {
        checkIssuer(claims);
        checkAudience(claims);
        var expires = checkTimes(claims, now);
        var tenantName = name(claims, tenant);
        var userName = name(claims, user);
        if (userName == null) throw refused("it has no claim \"" + user + "\" that names its user");
        try {
            return new Principal(new UserId(tenantName == null ? UserId.DEFAULT_TENANT : tenantName, userName),
                    grants(claims), expires == null ? null : expires.plus(LEEWAY).toEpochMilli());
        } catch (IllegalArgumentException e) {
            throw new InvalidTokenException("the claims of the token are not valid: " + e.getMessage(), e);
        }
    }

    private void checkIssuer(JsonNode claims) throws InvalidTokenException {
        if (issuer != null && !issuer.equals(claims.path("iss").textValue()))
            throw refused("its issuer (\"iss\") is not the one that this server trusts");
    }

    private void checkAudience(JsonNode claims) throws InvalidTokenException {
        if (audiences.isEmpty()) return;
        var aud = claims.path("aud");
        var named = aud.isArray() ? aud.valueStream() : Stream.of(aud);
        if (named.map(JsonNode::textValue).noneMatch(name -> name != null && audiences.contains(name)))
            throw refused("it is not for this server: its \"aud\" names no audience that this server accepts");
    }

    private @Nullable Instant checkTimes(JsonNode claims, Instant now) throws InvalidTokenException {
        var exp = time(claims, "exp");
        if (exp == null && requireExp) throw refused("it has no \"exp\", so it would never expire");
        if (exp != null && !exp.plus(LEEWAY).isAfter(now))
            throw refused("it expired (\"exp\") at " + exp + ": get a new one");
        var nbf = time(claims, "nbf");
        if (nbf != null && nbf.minus(LEEWAY).isAfter(now))
            throw refused("it is not valid before " + nbf + " (\"nbf\")");
        return exp;
    }

    /** A NumericDate (RFC 7519, section 2). */
    private static @Nullable Instant time(JsonNode claims, String name) throws InvalidTokenException {
        var value = claims.get(name);
        if (value == null) return null;
        var seconds = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(seconds >= 0 && seconds <= LAST_SECOND))
            throw refused("its \"" + name + "\" is not a time in seconds since 1970");
        return Instant.ofEpochSecond((long) seconds);
    }

    /** A text, or a whole number, because some issuers number their users. */
    private static @Nullable String name(JsonNode claims, ClaimPath path) throws InvalidTokenException {
        var value = path.valueIn(claims);
        if (value == null) return null;
        if (value.isTextual()) return value.textValue();
        if (value.isIntegralNumber()) return value.asText();
        throw refused("its claim \"" + path + "\" is neither a string nor a whole number");
    }

    private Grants grants(JsonNode claims) throws InvalidTokenException {
        var value = rooms.valueIn(claims);
        if (value == null) return defaultRooms;
        if (value.isTextual()) // as the scopes of OAuth are written (RFC 6749, section 3.3)
            return new Grants(List.of(value.textValue().split(" ", -1)).stream().filter(r -> !r.isEmpty()).toList());
        if (!value.isArray()) throw noRooms();
        var patterns = new ArrayList<String>();
        for (var pattern : value) {
            if (!pattern.isTextual()) throw noRooms();
            patterns.add(pattern.textValue());
        }
        return new Grants(patterns);
    }

    private InvalidTokenException noRooms() {
        return refused("its claim \"" + rooms + "\" is neither a list of strings nor a string with spaces");
    }

    private static InvalidTokenException refused(String why) {
        return new InvalidTokenException("the token is not valid: " + why);
    }
}
