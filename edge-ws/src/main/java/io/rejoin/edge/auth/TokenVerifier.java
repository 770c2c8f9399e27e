package io.rejoin.edge.auth;

import org.jspecify.annotations.Nullable;

/** Verifies the token of a request and returns its principal. Safe for any thread; may block while it fetches keys. */
public interface TokenVerifier {
    /**
     * Verifies a token.
     *
     * @param token as the client sent it
     * @param name  the user's name that the client asks for; only the development verifier uses it
     * @throws InvalidTokenException when the token is missing or invalid, or cannot be verified now
     */
    Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException;
}
