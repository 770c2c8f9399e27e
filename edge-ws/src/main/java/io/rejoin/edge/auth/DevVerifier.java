package io.rejoin.edge.auth;

import io.rejoin.contracts.UserId;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Takes any token, and the client's word for its name. For development on the loopback; {@code EdgeConfig} sees to that. */
public final class DevVerifier implements TokenVerifier {
    private final RandomGenerator random;

    public DevVerifier(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException {
        var chosen = name == null || name.isBlank() ? "guest-" + random.nextInt(1000, 10_000) : name;
        try {
            return new Principal(new UserId(UserId.DEFAULT_TENANT, chosen), Grants.ALL, null);
        } catch (IllegalArgumentException e) {
            throw new InvalidTokenException("name: " + e.getMessage(), e);
        }
    }
}
