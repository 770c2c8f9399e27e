package io.rejoin.router;

import io.rejoin.contracts.env.Settings;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.TraceSettings;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A router's configuration, read once at start. The number of partitions, the replication and the retention of events
 * apply only to missing topics, which this router creates.
 *
 * @param kafka           how to connect to Kafka
 * @param partitions      of the topics that are partitioned by room: at most this many routers can share the work
 * @param replication     copies of each partition; -1 is the broker's default
 * @param sessionTimeout  silence after which Kafka itself reassigns a router's shards. The broker limits it
 *                        ({@code group.min.session.timeout.ms}, 6 s by default). It matters little: routers watch each
 *                        other's beats, and remove a silent one from the group after about a second
 * @param redelivery      first wait before a message that is not confirmed is delivered again; each further wait is
 *                        twice as long, up to ten minutes
 * @param forgetAfter     log time after which an unused room is forgotten
 * @param eventsRetention how long the topic of events keeps a record; null accepts what an existing topic has, and
 *                        gives a new one 30 days
 * @param host            address to listen on for edges, health and metrics; it belongs on an internal network
 * @param port            to listen on; 0 takes any free port
 * @param link            how edges connect
 * @param traces          whether the router records its steps of posts that an edge traces
 */
public record RouterConfig(KafkaAccess kafka, int partitions, short replication,
        Duration sessionTimeout, Duration redelivery, Duration forgetAfter, @Nullable Duration eventsRetention,
        String host, int port, LinkConfig link, TraceSettings traces) {
    /** Stands for "never" and "forever": longer than any log exists. */
    public static final Duration NEVER = Duration.ofDays(3_650_000);

    /**
     * Reads the environment; every value has a default that works on one machine.
     *
     * @throws IllegalArgumentException naming every variable that cannot be used, in one line
     */
    public static RouterConfig from(Map<String, String> env) {
        return read(new Settings(env));
    }

    /**
     * Reads the environment for tools that create or check the topics and run no router. Does not require a guarded
     * link.
     */
    public static RouterConfig ofTopics(Map<String, String> env) {
        var settings = new Settings(env);
        var config = config(settings);
        settings.check();
        return config;
    }

    /**
     * Reads the settings as {@link #from} does. The caller can then ask the settings which variables a router does not
     * know.
     */
    public static RouterConfig read(Settings settings) {
        var config = config(settings);
        var isOpen = settings.choice("ROUTER_LINK_OPEN", "no", "yes").equals("yes");
        if (!config.isLinkGuarded() && !isOpen)
            settings.problem("ROUTER_HOST=" + config.host()
                    + " lets anybody who can connect get the deliveries for edges: set"
                    + " ROUTER_LINK_SECRET here and EDGE_ROUTER_SECRET at the edges, or ROUTER_LINK_OPEN=yes if only"
                    + " edges can connect");
        settings.check();
        return config;
    }

    private static RouterConfig config(Settings settings) {
        return new RouterConfig(KafkaAccess.read(settings),
                settings.integer("ROUTER_PARTITIONS", 12, 1, Short.MAX_VALUE),
                replication(settings),
                settings.duration("ROUTER_SESSION_TIMEOUT", "PT6S", "PT0.3S", "PT30M"),
                settings.duration("ROUTER_REDELIVERY", "PT5S", "PT0.1S", "PT10M"), forgetAfter(settings),
                eventsRetention(settings), settings.listenHost("ROUTER_HOST", "127.0.0.1"),
                settings.integer("ROUTER_PORT", 8091, 0, 65_535), LinkConfig.read(settings),
                TraceSettings.read(settings));
    }

    private static Duration forgetAfter(Settings settings) {
        var isNever = settings.text("ROUTER_FORGET_AFTER", "").equals("never");
        return isNever ? NEVER : settings.duration("ROUTER_FORGET_AFTER", "P30D", "P1D", "P3650D");
    }

    private static @Nullable Duration eventsRetention(Settings settings) {
        var text = settings.text("ROUTER_EVENTS_RETENTION");
        if (text == null) return null;
        return text.equals("forever") ? NEVER : settings.duration("ROUTER_EVENTS_RETENTION", "P30D", "PT1H", "P36500D");
    }

    private static short replication(Settings settings) {
        if (settings.text("ROUTER_REPLICATION", "-1").equals("-1")) return -1;
        return (short) settings.integer("ROUTER_REPLICATION", 1, 1, Short.MAX_VALUE);
    }

    /**
     * Whether every edge that connects knows the secret or runs on this machine. Only then does the router trust the
     * records that edges announce.
     */
    boolean isLinkGuarded() {
        return link.secret() != null || Settings.isLoopback(host);
    }
}
