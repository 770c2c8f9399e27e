package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code infra/rejoinctl token}: creates a token of a user, for tests by hand. */
@Command(name = "token", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Prints a token of a user, for tests by hand, signed with EDGE_JWT_SECRET from the environment.",
        "Edges with the same secret accept it. In production, your application makes the tokens."})
final class TokenCommand implements Callable<Integer> {
    private static final String SECRET = "EDGE_JWT_SECRET";
    /** The shortest key of HS256, in bytes: RFC 7518, section 3.2. */
    private static final int LEAST_BYTES = 32;
    private static final Duration LONGEST = Duration.ofDays(30);

    @Parameters(paramLabel = "USER", description = "The user's name")
    private String user = "";

    @Option(names = "--tenant", paramLabel = "T", description = "The user's tenant. Tenants share no users and no rooms")
    private @Nullable String tenant;

    @Option(names = "--room", paramLabel = "PATTERN", description = "A room that the user may join, such as lobby or team-*. Can be given several times. Default: the rooms of EDGE_JWT_DEFAULT_ROOMS")
    private List<String> rooms = List.of();

    @Option(names = "--for", paramLabel = "DURATION", defaultValue = "PT1H", description = "How long the token is valid, up to P30D. Default: ${DEFAULT-VALUE}")
    private Duration holds = Duration.ofHours(1);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Map<String, String> env;

    TokenCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws JOSEException {
        if (user.isBlank()) throw wrong("USER must not be blank");
        if (!holds.isPositive() || holds.compareTo(LONGEST) > 0)
            throw wrong("--for must be more than 0 and at most " + LONGEST);
        var claims = new JWTClaimsSet.Builder().subject(user)
                .expirationTime(Date.from(Instant.now().plus(holds)));
        if (tenant != null) claims.claim("tenant", tenant);
        if (!rooms.isEmpty()) claims.claim("rooms", rooms);
        var header = new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT).build();
        var token = new SignedJWT(header, claims.build());
        token.sign(new MACSigner(secret()));
        spec.commandLine().getOut().println(token.serialize());
        return 0;
    }

    private byte[] secret() {
        var secret = env.getOrDefault(SECRET, "").getBytes(UTF_8);
        if (secret.length < LEAST_BYTES)
            throw wrong(SECRET + " must be set to the secret of the edges, " + LEAST_BYTES + " bytes or more");
        return secret;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
