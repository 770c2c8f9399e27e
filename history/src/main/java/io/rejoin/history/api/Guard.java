package io.rejoin.history.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.history.store.ErasureStore;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.Site;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Protects the endpoints below {@code /v1/}: checks the secret, if one is set, and adds the installation's id to each
 * answer.
 */
final class Guard {
    /** The answer to a request without the right secret. */
    static final Answer UNAUTHORIZED = Answer.refusal(401, "unauthorized",
            "the secret is missing or wrong: send \"Authorization: Bearer\" and HISTORY_API_SECRET")
            .with("WWW-Authenticate", "Bearer");
    private static final String BEARER_PREFIX = "bearer ";

    private final String installationId;
    private final byte @Nullable [] secret;
    private final ErasureStore erasureStore;

    /** @param secret null admits every request */
    Guard(String installationId, @Nullable String secret, ErasureStore erasureStore) {
        this.installationId = installationId;
        this.erasureStore = erasureStore;
        this.secret = secret == null ? null : digest(secret);
    }

    /**
     * Adds the installation's id and the number of finished erasures to an answer. The number is read before the
     * request is served. So the answer has no message of an erasure that the number counts.
     */
    Site.Reply withHeaders(Site.Reply reply) {
        var finishedCount = Long.toString(erasureStore.finishedCount());
        return answer -> reply.send(answer.with(ReplayCodec.INSTALLATION_HEADER, installationId)
                .with(ReplayCodec.ERASURES_HEADER, finishedCount));
    }

    boolean isAuthorized(RequestHead request) {
        return secret == null || isSecretCorrect(request.all("Authorization").stream().findFirst().orElse(""));
    }

    /** Compares in constant time, so that the duration reveals nothing about the secret. */
    private boolean isSecretCorrect(String authorization) {
        var isBearer = authorization.toLowerCase(Locale.ROOT).startsWith(BEARER_PREFIX);
        return MessageDigest.isEqual(secret,
                digest(isBearer ? authorization.substring(BEARER_PREFIX.length()).strip() : ""));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
