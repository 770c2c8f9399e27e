package io.rejoin.history.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.history.store.Erasures;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.Site;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Stands before all that tells of messages: says which installation it is, and lets in who knows the secret, if there is one.
 */
final class Guard {
    /** For whoever does not know it. */
    static final Answer REFUSAL = Answer.refusal(401, "unauthorized",
            "this history asks for its secret: send \"Authorization: Bearer\" and HISTORY_API_SECRET")
            .with("WWW-Authenticate", "Bearer");
    private static final String BEARER = "bearer ";

    private final String installation;
    private final byte @Nullable [] secret;
    private final Erasures erasures;

    /** @param secret null lets everybody in */
    Guard(String installation, @Nullable String secret, Erasures erasures) {
        this.installation = installation;
        this.erasures = erasures;
        this.secret = secret == null ? null : digest(secret);
    }

    /** Answers that say which installation this is, and how many erasures it knew to be done before it was asked. */
    Site.Reply named(Site.Reply reply) {
        var finished = Long.toString(erasures.finished());
        return answer -> reply.send(answer.with(ReplayCodec.INSTALLATION_HEADER, installation)
                .with(ReplayCodec.ERASURES_HEADER, finished));
    }

    boolean admits(RequestHead request) {
        return secret == null || isKnown(request.all("Authorization").stream().findFirst().orElse(""));
    }

    /** Takes the same time whatever is wrong about it. */
    private boolean isKnown(String authorization) {
        var isBearer = authorization.toLowerCase(Locale.ROOT).startsWith(BEARER);
        return MessageDigest.isEqual(secret, digest(isBearer ? authorization.substring(BEARER.length()).strip() : ""));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
