package io.rejoin.edge.auth;

import io.rejoin.contracts.UserId;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Accepts any token, and any name that the client gives. Only for development on the loopback; {@code EdgeConfig}
 * enforces that.
 *
 * <p>A client without a name becomes a guest with a random name. A guest that comes back asks for that name, so that
 * its earlier messages still belong to it. It stays a guest. Only this verifier trusts the client's name. All others
 * take the name from the token.
 */
public final class DevVerifier implements TokenVerifier {
    private static final Pattern GUEST = Pattern.compile("guest-[0-9a-z]{8}");
    /**
     * The lowest number with eight digits in base 36. There are so many names that two guests hardly ever get the same
     * one. With the same name they would be one user.
     */
    private static final long FIRST_NUMBER = Long.parseLong("10000000", 36);

    private final RandomGenerator random;

    public DevVerifier(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException {
        var userName = name == null || name.isBlank() ? randomName() : name;
        try {
            var user = new UserId(UserId.DEFAULT_TENANT, NameRules.normalizeUser(userName));
            return new Principal(user, Grants.ALL, null, GUEST.matcher(userName).matches());
        } catch (IllegalArgumentException e) {
            throw InvalidTokenException.name("name: " + e.getMessage(), e);
        }
    }

    private String randomName() {
        return "guest-" + Long.toString(random.nextLong(FIRST_NUMBER, FIRST_NUMBER * 36), 36);
    }
}
