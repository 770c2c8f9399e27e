package io.rejoin.edge.auth;

import io.rejoin.contracts.UserId;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Takes any token, and the client's word for its name. For development on the loopback; the configuration sees to that. */
public final class DevVerifier implements TokenVerifier {
    private final RandomGenerator random;

    public DevVerifier(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException {
        var guest = name == null || name.isBlank() ? "guest-" + random.nextInt(1000, 10_000) : null;
        try {
            var user = new UserId(UserId.DEFAULT_TENANT, guest == null ? Objects.requireNonNull(name) : guest);
            return new Principal(user, Grants.ALL, null, guest != null);
        } catch (IllegalArgumentException e) {
            throw InvalidTokenException.name("name: " + e.getMessage(), e);
        }
    }
}
