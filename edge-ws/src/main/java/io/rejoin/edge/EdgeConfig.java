package io.rejoin.edge;

import io.rejoin.contracts.log.Command;
import io.rejoin.edge.auth.OriginPolicy;
import io.rejoin.edge.websocket.Rates;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An edge's configuration, read once at start.
 *
 * @param host             address to listen on
 * @param port             0 for any free one
 * @param bootstrapServers of Kafka
 * @param history          base URL of the history service
 * @param name             begins the edge's id, which ends in something drawn at each start
 * @param auth             how a token is verified
 * @param origins          which pages may connect
 * @param heartbeat        silence of a client after which it is pinged; twice that and it is given up
 * @param connections      most at once
 * @param roomsPerConnection most rooms one connection may be in
 * @param outboxBytes      what may wait for one client before it is caught up from history instead
 * @param rates            what one client may send
 * @param drain            time over which clients are sent away before the end
 * @param direct           whether connections join the personal rooms of their users, for direct messages, by themselves
 * @param confirmWithin    how long a message that must be confirmed is delivered again
 */
public record EdgeConfig(String host, int port, String bootstrapServers, URI history, String name, Auth auth,
        OriginPolicy origins, Duration heartbeat, int connections, int roomsPerConnection, int outboxBytes,
        Rates rates, Duration drain, boolean direct, Duration confirmWithin) {

    /** How a token is verified: exactly one of the three. */
    public record Auth(boolean dev, @Nullable String jwtSecret, @Nullable String jwks) {
        public Auth {
            var ways = (dev ? 1 : 0) + (jwtSecret == null ? 0 : 1) + (jwks == null ? 0 : 1);
            if (ways != 1)
                throw new IllegalArgumentException("set exactly one of EDGE_JWT_SECRET (HS256), EDGE_JWKS"
                        + " (a file or URL) and EDGE_AUTH=dev (any token, loopback only); now set: " + ways);
        }

        @Override
        public String toString() {
            return dev ? "dev" : jwks != null ? "jwks " + jwks : "jwt secret ***";
        }
    }

    public EdgeConfig {
        check(port >= 0 && port <= 65_535, "EDGE_PORT", port);
        check(heartbeat.toMillis() >= 100, "EDGE_HEARTBEAT", heartbeat);
        check(connections >= 1, "EDGE_MAX_CONNECTIONS", connections);
        check(roomsPerConnection >= 1, "EDGE_MAX_ROOMS_PER_CONNECTION", roomsPerConnection);
        check(outboxBytes >= 256 * 1024, "EDGE_OUTBOX_BYTES (at least 262144: four of the largest messages)",
                outboxBytes);
        check(!drain.isNegative() && drain.toMinutes() < 60, "EDGE_DRAIN (less than an hour)", drain);
        check(confirmWithin.toMillis() >= 1_000 && confirmWithin.toMillis() <= Command.MAX_CONFIRM_MS,
                "EDGE_CONFIRM_WITHIN (PT1S to P30D)", confirmWithin);
        check(name.matches("[A-Za-z0-9._-]{1,64}"), "EDGE_NAME (1 to 64 of A-Z a-z 0-9 . _ -)", name);
        check(isHttp(history), "EDGE_HISTORY_URL (http://host:port)", history);
        if (auth.dev() && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "EDGE_AUTH=dev takes everybody at their word, so EDGE_HOST must be"
                            + " a loopback address, not " + host);
        }
    }

    /** Reads the environment; every value but the token's keys has a default that works on one machine. */
    public static EdgeConfig from(Map<String, String> env) {
        var dev = isFirst(env, "EDGE_AUTH", "dev", "jwt", "jwt");
        return new EdgeConfig(
                env.getOrDefault("EDGE_HOST", dev ? "127.0.0.1" : "0.0.0.0"),
                integer(env, "EDGE_PORT", 8080),
                env.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
                url(env, "EDGE_HISTORY_URL", "http://127.0.0.1:8090"),
                env.getOrDefault("EDGE_NAME", "edge"),
                new Auth(dev, env.get("EDGE_JWT_SECRET"), env.get("EDGE_JWKS")),
                OriginPolicy.parse(env.getOrDefault("EDGE_ALLOWED_ORIGINS", dev ? "loopback" : "*")),
                duration(env, "EDGE_HEARTBEAT", "PT25S"),
                integer(env, "EDGE_MAX_CONNECTIONS", 100_000),
                integer(env, "EDGE_MAX_ROOMS_PER_CONNECTION", 100),
                integer(env, "EDGE_OUTBOX_BYTES", 512 * 1024),
                rates(env),
                duration(env, "EDGE_DRAIN", "PT5S"),
                isFirst(env, "EDGE_DIRECT", "on", "off", "on"),
                duration(env, "EDGE_CONFIRM_WITHIN", "P7D"));
    }

    /** Whether a variable that knows two values has the first of them. */
    private static boolean isFirst(Map<String, String> env, String name, String first, String second,
            String otherwise) {
        var value = env.getOrDefault(name, otherwise);
        if (!value.equals(first) && !value.equals(second))
            throw new IllegalArgumentException(name + " is " + first + " or " + second + ", not " + value);
        return value.equals(first);
    }

    private static Rates rates(Map<String, String> env) {
        var messages = integer(env, "EDGE_RATE_FRAMES", 100);
        var bytes = integer(env, "EDGE_RATE_BYTES", 1024 * 1024);
        check(messages >= 1, "EDGE_RATE_FRAMES", messages);
        check(bytes >= 1024, "EDGE_RATE_BYTES (at least 1024)", bytes);
        return Rates.of(messages, bytes);
    }

    private static int integer(Map<String, String> env, String name, int otherwise) {
        var value = env.get(name);
        try {
            return value == null ? otherwise : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a whole number, not " + value, e);
        }
    }

    private static URI url(Map<String, String> env, String name, String otherwise) {
        var value = env.getOrDefault(name, otherwise);
        try {
            return new URI(value);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name + " must be a URL such as " + otherwise + ", not " + value, e);
        }
    }

    private static boolean isHttp(URI url) {
        return ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null;
    }

    private static Duration duration(Map<String, String> env, String name, String otherwise) {
        var value = env.getOrDefault(name, otherwise);
        try {
            return Duration.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + " must be a duration such as PT25S, not " + value, e);
        }
    }

    private static void check(boolean holds, String name, Object value) {
        if (!holds) throw new IllegalArgumentException(name + " is out of range: " + value);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }
}
