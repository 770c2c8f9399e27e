package io.rejoin.router;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;

/**
 * A router's configuration, read once at start. The first three count only for topics that are missing: this router makes
 * them.
 *
 * @param bootstrapServers   of Kafka
 * @param partitions         of the topics that are partitioned by room: the most routers that can share the work
 * @param deliveryPartitions the most edges that need not share one
 * @param replication        copies of each partition; -1 is the broker's default
 * @param sessionTimeout     silence after which Kafka itself gives a router's shards to others; the broker bounds it
 *                           ({@code group.min.session.timeout.ms}, 6 s by default). It matters little: routers hear each
 *                           other, and put one that is silent out of the group after about a second
 * @param redelivery         first wait before a message that is not confirmed is delivered again; each further one is twice
 *                           as long, up to ten minutes
 * @param host               address where health is told; it belongs on an internal network
 * @param port               the same; 0 is any free one
 */
public record RouterConfig(String bootstrapServers, int partitions, int deliveryPartitions, short replication,
        Duration sessionTimeout, Duration redelivery, String host, int port) {
    public RouterConfig {
        check(partitions >= 1, "ROUTER_PARTITIONS", partitions);
        check(deliveryPartitions >= 1, "ROUTER_DELIVERY_PARTITIONS", deliveryPartitions);
        check(replication >= 1 || replication == -1, "ROUTER_REPLICATION", replication);
        check(sessionTimeout.toMillis() >= 300, "ROUTER_SESSION_TIMEOUT", sessionTimeout);
        check(redelivery.toMillis() >= 100 && redelivery.toMinutes() <= 10, "ROUTER_REDELIVERY", redelivery);
        check(port >= 0 && port <= 65_535, "ROUTER_PORT", port);
    }

    /**
     * Reads the environment; every value has a default that works on one machine.
     *
     * @throws IllegalArgumentException naming the variable that is wrong
     */
    public static RouterConfig from(Map<String, String> env) {
        return new RouterConfig(env.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
                integer(env, "ROUTER_PARTITIONS", 12, Short.MAX_VALUE),
                integer(env, "ROUTER_DELIVERY_PARTITIONS", 64, Short.MAX_VALUE),
                (short) integer(env, "ROUTER_REPLICATION", -1, Short.MAX_VALUE),
                duration(env, "ROUTER_SESSION_TIMEOUT", "PT6S"),
                duration(env, "ROUTER_REDELIVERY", "PT5S"), env.getOrDefault("ROUTER_HOST", "127.0.0.1"),
                integer(env, "ROUTER_PORT", 8091, 65_535));
    }

    private static int integer(Map<String, String> env, String name, int otherwise, int most) {
        var value = env.get(name);
        if (value == null) return otherwise;
        try {
            var number = Integer.parseInt(value);
            if (number <= most) return number;
        } catch (NumberFormatException _) { // said below
        }
        throw new IllegalArgumentException(name + " must be a whole number up to " + most + ", not " + value);
    }

    private static Duration duration(Map<String, String> env, String name, String otherwise) {
        var value = env.getOrDefault(name, otherwise);
        try {
            return Duration.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + " must be a duration such as PT6S, not " + value, e);
        }
    }

    private static void check(boolean holds, String name, Object value) {
        if (!holds) throw new IllegalArgumentException(name + " is out of range: " + value);
    }
}
