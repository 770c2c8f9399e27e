package io.rejoin.router.topics;

import io.rejoin.contracts.TopicNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;

/**
 * Checks that existing topics, perhaps created by an operator, have the settings that Rejoin needs. It changes nothing.
 * The error names the command that corrects each setting.
 */
final class TopicCheck {
    private static final String CLEANUP_POLICY = "cleanup.policy";
    private static final String COMPACT = "compact";
    private static final String DELETE = "delete";
    private static final String TIMESTAMP_TYPE = "message.timestamp.type";

    /**
     * A setting that a topic must have.
     *
     * @param values of the setting, in any order
     * @param reason what would happen otherwise
     */
    private record RequiredSetting(String topic, String setting, Set<String> values, String reason) {}

    private static List<RequiredSetting> requiredSettings(TopicNames topics) {
        return List.of(
                new RequiredSetting(topics.commands(), TIMESTAMP_TYPE, Set.of("LogAppendTime"),
                        "messages would get their time from the clocks of edges"),
                new RequiredSetting(topics.commands(), CLEANUP_POLICY, Set.of(DELETE),
                        "Kafka would delete all but the last command of each room"),
                new RequiredSetting(topics.events(), CLEANUP_POLICY, Set.of(DELETE),
                        "Kafka would delete all but the last event of each room"),
                new RequiredSetting(topics.state(), CLEANUP_POLICY, Set.of(COMPACT),
                        "the state of shards would expire, or grow without limit"),
                new RequiredSetting(topics.edges(), CLEANUP_POLICY, Set.of(COMPACT, DELETE),
                        "old heartbeats would pile up and slow down their readers"));
    }

    private final Admin admin;
    private final TopicNames topics;

    TopicCheck(Admin admin, TopicNames topics) {
        this.admin = admin;
        this.topics = topics;
    }

    /** @throws IllegalStateException naming every wrong setting, and the command that corrects it */
    void check() throws ExecutionException, InterruptedException {
        var requiredSettings = requiredSettings(topics);
        var resources = requiredSettings.stream().map(TopicCheck::resource).distinct().toList();
        var described = admin.describeConfigs(resources).all().get();
        var problems = new ArrayList<String>();
        for (var required : requiredSettings) {
            var found = values(described.get(resource(required)), required.setting());
            if (isMet(required, found)) continue;
            var wanted = String.join(",", required.values().stream().sorted().toList());
            problems.add(required.topic() + " has " + required.setting() + "=" + String.join(",", found) + ": "
                    + required.reason()
                    + ". Correct this with: kafka-configs.sh --bootstrap-server ... --alter --topic "
                    + required.topic() + " --add-config " + required.setting() + "="
                    + (required.values().size() == 1 ? wanted : "[" + wanted + "]"));
        }
        if (!problems.isEmpty()) throw new IllegalStateException(String.join("; ", problems));
    }

    /** The topic of heartbeats may also have compaction alone. */
    private boolean isMet(RequiredSetting required, Set<String> found) {
        return found.equals(required.values()) || (required.topic().equals(topics.edges()) && found.contains(COMPACT));
    }

    private static ConfigResource resource(RequiredSetting required) {
        return new ConfigResource(ConfigResource.Type.TOPIC, required.topic());
    }

    private static Set<String> values(@Nullable Config config, String setting) {
        var entry = config == null ? null : config.get(setting);
        if (entry == null || entry.value() == null) return Set.of();
        return Arrays.stream(entry.value().split(",", -1)).map(String::strip).collect(Collectors.toSet());
    }
}
