package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import org.jspecify.annotations.Nullable;

/**
 * How a token is verified: by exactly one of the three.
 *
 * @param dev       any token is taken, and any name
 * @param jwtSecret of HS256
 * @param jwks      a file or URL
 */
public record AuthConfig(boolean dev, @Nullable String jwtSecret, @Nullable String jwks) {
    static AuthConfig from(Settings settings) {
        var auth = new AuthConfig(settings.choice("EDGE_AUTH", "jwt", "dev").equals("dev"),
                settings.secret("EDGE_JWT_SECRET"), settings.text("EDGE_JWKS"));
        var ways = (auth.dev ? 1 : 0) + (auth.jwtSecret == null ? 0 : 1) + (auth.jwks == null ? 0 : 1);
        if (ways != 1)
            settings.problem("set exactly one of EDGE_JWT_SECRET (HS256), EDGE_JWKS (a file or URL) and EDGE_AUTH=dev"
                    + " (any token, loopback only); now set: " + ways);
        return auth;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return dev ? "dev" : jwks != null ? "jwks " + jwks : "jwt secret ***";
    }
}
