package io.rejoin.edge.auth;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may open a socket (RFC 6455, section 10.2). A program that is no browser sends no origin and passes: it is the
 * token that admits it.
 *
 * @param allowed origins such as {@code https://app.example}; {@code *} is any, {@code loopback} any of this machine or a file
 */
public record OriginPolicy(List<String> allowed) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    public OriginPolicy {
        allowed = List.copyOf(allowed);
    }

    /** Origins separated by commas. */
    public static OriginPolicy parse(String list) {
        return new OriginPolicy(
                Arrays.stream(list.split(",", -1)).map(String::strip).filter(o -> !o.isEmpty()).toList());
    }

    public boolean permits(@Nullable String origin) {
        if (origin == null || allowed.contains("*") || allowed.contains(origin)) return true;
        return allowed.contains("loopback") && isLoopback(origin);
    }

    private static boolean isLoopback(String origin) {
        if (origin.equals("null") || origin.startsWith("file:")) return true;
        try {
            var host = URI.create(origin).getHost();
            return host != null && LOOPBACK.contains(host);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
