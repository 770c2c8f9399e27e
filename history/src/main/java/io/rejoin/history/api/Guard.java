package io.rejoin.history.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.rejoin.contracts.replay.ReplayCodec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Stands before all that tells of messages: says which installation it is, and lets in who knows the secret, if there is one.
 */
final class Guard implements Handler {
    private static final HeaderName INSTALLATION = HeaderNames.create(ReplayCodec.INSTALLATION_HEADER);
    private static final String BEARER = "bearer ";

    private final String installation;
    private final byte @Nullable [] secret;

    /** @param secret null lets everybody in */
    Guard(String installation, @Nullable String secret) {
        this.installation = installation;
        this.secret = secret == null ? null : digest(secret);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        response.header(INSTALLATION, installation);
        if (secret == null || isKnown(request.headers().first(HeaderNames.AUTHORIZATION).orElse(""))) {
            response.next();
            return;
        }
        response.status(Status.UNAUTHORIZED_401).header(HeaderNames.WWW_AUTHENTICATE, "Bearer")
                .header(HeaderValues.CONTENT_TYPE_JSON).send(ErrorBody.of("unauthorized",
                        "this history asks for its secret: send \"Authorization: Bearer\" and HISTORY_API_SECRET"));
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
