package io.rejoin.edge.config;

import io.rejoin.contracts.env.Secrets;
import io.rejoin.contracts.env.Settings;
import io.rejoin.edge.auth.ClaimPath;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.JwksSettings;
import io.rejoin.edge.auth.TokenRules;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How tokens are verified. There are three ways, and a valid configuration chooses exactly one of them: {@code dev} is
 * true, or {@code jwtSecret} is given, or {@code jwks} is given.
 *
 * @param dev       whether to accept any token and any name
 * @param jwtSecret the secret for HS256; null if another way is chosen
 * @param jwks      where the keys are published; null if another way is chosen
 * @param rules     the rules for the claims of a token
 */
public record AuthConfig(boolean dev, @Nullable String jwtSecret, @Nullable JwksSettings jwks, TokenRules rules) {
    static AuthConfig from(Settings settings) {
        var auth = new AuthConfig(settings.choice("EDGE_AUTH", "jwt", "dev").equals("dev"),
                settings.secret("EDGE_JWT_SECRET"), jwks(settings), rules(settings));
        var ways = (auth.dev ? 1 : 0) + (auth.jwtSecret == null ? 0 : 1) + (auth.jwks == null ? 0 : 1);
        if (ways != 1)
            settings.problem("set exactly one of EDGE_JWT_SECRET (HS256), EDGE_JWKS (a file or URL) and EDGE_AUTH=dev"
                    + " (any token, loopback only); now set: " + ways);
        return auth;
    }

    private static @Nullable JwksSettings jwks(Settings settings) {
        var location = settings.text("EDGE_JWKS");
        var timeout = settings.duration("EDGE_JWKS_TIMEOUT", "PT5S", "PT0.1S", "PT1M");
        var maxBytes = settings.integer("EDGE_JWKS_MAX_BYTES", 1024 * 1024, 1024, 64 * 1024 * 1024);
        var refresh = settings.duration("EDGE_JWKS_REFRESH", "PT5M", "PT2S", "P1D");
        var keep = settings.duration("EDGE_JWKS_KEEP", "P1D", "PT0S", "P30D");
        if (location == null) return null;
        var jwks = new JwksSettings(location, timeout, maxBytes, refresh, keep);
        if (location.matches("[a-z]+://[^/]*@.*"))
            settings.problem("EDGE_JWKS must not have a user or password: the keys are public");
        else if (location.contains("://") && !isHttp(location))
            settings.problem("EDGE_JWKS must be a file or a URL such as https://id.example/jwks.json, not " + location);
        return jwks;
    }

    private static boolean isHttp(String location) {
        try {
            var url = new URI(location);
            return ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    private static TokenRules rules(Settings settings) {
        var requireExp = settings.choice("EDGE_JWT_REQUIRE_EXP", "on", "off").equals("on");
        return new TokenRules(settings.text("EDGE_JWT_ISSUER"), Set.copyOf(list(settings, "EDGE_JWT_AUDIENCE")),
                requireExp, claim(settings, "EDGE_JWT_USER_CLAIM", "sub"),
                claim(settings, "EDGE_JWT_TENANT_CLAIM", "tenant"), claim(settings, "EDGE_JWT_ROOMS_CLAIM", "rooms"),
                defaultRooms(settings));
    }

    private static ClaimPath claim(Settings settings, String name, String otherwise) {
        var text = settings.text(name, otherwise);
        try {
            return new ClaimPath(text);
        } catch (IllegalArgumentException _) {
            settings.problem(name + " must be the name of a claim, a path such as realm_access.roles, or a JSON Pointer"
                    + ", not " + text);
            return new ClaimPath(otherwise);
        }
    }

    /**
     * The rooms that a token without a rooms claim grants. Identity providers leave out empty claims. So once
     * {@code EDGE_JWT_ROOMS_CLAIM} is set, a user without rooms must not get all rooms.
     */
    private static Grants defaultRooms(Settings settings) {
        var text = settings.text("EDGE_JWT_DEFAULT_ROOMS");
        if (text == null) return settings.text("EDGE_JWT_ROOMS_CLAIM") == null ? Grants.ALL : Grants.NONE;
        return text.equals("none") ? Grants.NONE : new Grants(list(settings, "EDGE_JWT_DEFAULT_ROOMS"));
    }

    /**
     * The comma-separated values of a variable. A set variable without values is an error: it would disable a check.
     */
    private static List<String> list(Settings settings, String name) {
        var text = settings.text(name);
        if (text == null) return List.of();
        var named = new LinkedHashSet<>(
                Arrays.stream(text.split(",", -1)).map(String::strip).filter(t -> !t.isEmpty()).toList());
        if (named.isEmpty()) settings.problem(name + " has no value between its commas: " + text);
        return List.copyOf(named);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return Secrets.masked(dev ? "dev" : (jwks != null ? jwks.toString() : "jwt secret ***") + ", " + rules);
    }
}
