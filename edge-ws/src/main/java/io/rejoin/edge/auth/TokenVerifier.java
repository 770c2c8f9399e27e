package io.rejoin.edge.auth;

import org.jspecify.annotations.Nullable;

/** Turns the token of a request into a principal. Safe for any thread; may block while it fetches keys. */
public interface TokenVerifier {
    /**
     * Verifies a token.
     *
     * @param token as the client sent it
     * @param name  the user's name the client asks for; only the development verifier heeds it
     * @throws InvalidTokenException when there is no token or it does not hold
     */
    Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException;
}
