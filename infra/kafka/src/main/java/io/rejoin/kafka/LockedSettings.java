package io.rejoin.kafka;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The settings of Kafka's clients that an operator must not change, each with the reason. */
final class LockedSettings {
    private static final String NOTHING_LOST = "another value could lose, repeat or reorder acknowledged messages";
    private static final String BOUNDS = "each client has its own timeouts, and answers and takeovers depend on them";
    private static final String OWN_PLACE = "services keep positions in checkpoints and in PostgreSQL, not in Kafka";
    private static final String SHARING = "routers and history assign partitions in their own way";
    private static final String SESSION = "set ROUTER_SESSION_TIMEOUT or HISTORY_SESSION_TIMEOUT instead";
    private static final String NAMES = "the service sets this name; REJOIN_PREFIX sets a prefix for the name";
    private static final String BYTES = "services read and write records as bytes";
    private static final String UNTOUCHED = "records must stay unchanged, in the partition that the service chooses";

    private static final Map<String, String> REASONS = Stream.of(
            all(NOTHING_LOST, "acks", "enable.idempotence", "max.in.flight.requests.per.connection", "retries",
                    "transaction.two.phase.commit.enable", "isolation.level"),
            all(BOUNDS, "delivery.timeout.ms", "max.block.ms", "default.api.timeout.ms", "transaction.timeout.ms"),
            all(OWN_PLACE, "auto.offset.reset", "enable.auto.commit", "auto.commit.interval.ms"),
            all(SHARING, "group.protocol", "group.remote.assignor", "partition.assignment.strategy",
                    "group.instance.id"),
            all(SESSION, "session.timeout.ms", "heartbeat.interval.ms"), all(NAMES, "group.id", "transactional.id"),
            all(BYTES, "key.serializer", "value.serializer", "key.deserializer", "value.deserializer"),
            all(UNTOUCHED, "interceptor.classes", "partitioner.class", "partitioner.ignore.keys"),
            all("routers create the topics with the settings that Rejoin needs", "allow.auto.create.topics"),
            all("services limit the size of their records; max.message.bytes of the topics must be at least Kafka's"
                    + " default", "max.request.size"),
            all("services connect to brokers, never to controllers", "bootstrap.controllers"),
            all("no service reads as a share group", "share.acknowledgement.mode", "share.acquire.mode"),
            all("to read a value from a file, append _FILE to the name of the variable", "config.providers"))
            .flatMap(group -> group.entrySet().stream())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private LockedSettings() {}

    private static Map<String, String> all(String reason, String... settings) {
        return Stream.of(settings).collect(Collectors.toMap(setting -> setting, _ -> reason));
    }

    static boolean isRefused(String setting) {
        return REASONS.containsKey(setting);
    }

    /** The reason why a setting is refused; empty if it is allowed. */
    static String reason(String setting) {
        return REASONS.getOrDefault(setting, "");
    }

    /** The names of the refused settings. */
    static Set<String> settings() {
        return REASONS.keySet();
    }
}
