package io.rejoin.kafka;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The settings of Kafka's clients that an operator must not change, each with the reason. */
final class Refusals {
    private static final String NOTHING_LOST = "that no acknowledged message is lost, doubled or overtaken rests on it";
    private static final String BOUNDS = "each client has a bound of its own, on which answers and takeovers rest";
    private static final String OWN_PLACE = "where reading goes on stands in checkpoints and in PostgreSQL, not in Kafka";
    private static final String SHARING = "routers and history share partitions in a way of their own";
    private static final String SESSION = "set ROUTER_SESSION_TIMEOUT or HISTORY_SESSION_TIMEOUT instead";
    private static final String NAMES = "it is derived; REJOIN_PREFIX can begin it";
    private static final String BYTES = "records are bytes, which services read and write by themselves";
    private static final String UNTOUCHED = "records have to come as they were written, where they were written";

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
            all("routers make the topics, as they have to be", "allow.auto.create.topics"),
            all("what a service writes is bounded by itself; max.message.bytes of the topics has to be a million",
                    "max.request.size"),
            all("services ask brokers, never controllers", "bootstrap.controllers"),
            all("nothing is read as a share group", "share.acknowledgement.mode", "share.acquire.mode"),
            all("a value that stands in a file comes by the variable's name with _FILE appended", "config.providers"))
            .flatMap(group -> group.entrySet().stream())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private Refusals() {}

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
