package io.rejoin.edge.auth;

import io.rejoin.contracts.UserId;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes any token, and the client's word for its name. For development on the loopback; {@code EdgeConfig} sees to that.
 *
 * <p>Who names nobody is a guest, under a name drawn here. A guest who comes back asks for that name, so that what it posted
 * before is known as its own; it stays a guest. Only this verifier takes a client's word: where tokens count, the name is the token's.
 */
public final class DevVerifier implements TokenVerifier {
    private static final Pattern GUEST = Pattern.compile("guest-[0-9a-z]{8}");
    /** So many names that two guests hardly ever draw the same one: they would be one user. */
    private static final long FIRST = Long.parseLong("10000000", 36);

    private final RandomGenerator random;

    public DevVerifier(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Principal verify(@Nullable String token, @Nullable String name) throws InvalidTokenException {
        var known = name == null || name.isBlank() ? draw() : name;
        try {
            var user = new UserId(UserId.DEFAULT_TENANT, ChosenNames.user(known));
            return new Principal(user, Grants.ALL, null, GUEST.matcher(known).matches());
        } catch (IllegalArgumentException e) {
            throw InvalidTokenException.name("name: " + e.getMessage(), e);
        }
    }

    private String draw() {
        return "guest-" + Long.toString(random.nextLong(FIRST, FIRST * 36), 36);
    }
}
