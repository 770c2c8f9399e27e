package io.rejoin.edge.auth;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.SignedJWT;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that verify tokens at one time.
 *
 * @param unusable how many entries of the JWKS are not keys for tokens, or are of an unknown kind
 */
record Keyring(List<VerificationKey> keys, int unusable) {
    Keyring {
        keys = List.copyOf(keys);
    }

    static Keyring secret(byte[] secret) {
        return new Keyring(List.of(VerificationKey.secret(secret)), 0);
    }

    /**
     * Parses a JWKS (RFC 7517, section 5). An entry that cannot be parsed is skipped.
     *
     * @throws IOException when the input is not a JWKS, or has no usable key; the message says which
     */
    static Keyring parse(byte[] jwks) throws IOException {
        var entries = read(jwks).path("keys");
        if (!entries.isArray()) throw new IOException("not a JWKS: a JSON object with the list \"keys\"");
        var keys = new ArrayList<VerificationKey>();
        for (var entry : entries) {
            var key = key(entry);
            if (key != null) keys.add(key);
        }
        if (keys.isEmpty())
            throw new IOException("none of the " + entries.size() + " keys can verify tokens");
        return new Keyring(keys, entries.size() - keys.size());
    }

    private static JsonNode read(byte[] jwks) throws IOException {
        try {
            return Json.MAPPER.readTree(jwks);
        } catch (JacksonException | NumberFormatException e) { // the latter: an exponent that is too large
            throw new IOException("the content is not JSON", e);
        }
    }

    private static @Nullable VerificationKey key(JsonNode entry) {
        try {
            return VerificationKey.of(JWK.parse(entry.toString()));
        } catch (ParseException | JOSEException | RuntimeException _) {
            return null;
        }
    }

    /** Whether one of the keys may have signed a token with that header. */
    boolean hasKeyFor(JWSHeader header) {
        return keys.stream().anyMatch(key -> key.matches(header));
    }

    /** Whether one of the keys has signed that token. */
    boolean verifies(SignedJWT jwt) {
        return keys.stream().anyMatch(key -> key.matches(jwt.getHeader()) && key.verifies(jwt));
    }

    /** The ids of the keys, for logs. */
    List<String> kids() {
        return keys.stream().map(key -> key.kid() == null ? "(none)" : key.kid()).toList();
    }
}
