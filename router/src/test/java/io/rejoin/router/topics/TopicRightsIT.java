package io.rejoin.router.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.rejoin.contracts.TopicNames;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.RouterConfig;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.servers.Servers;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.AlterConfigsResult;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsResult;
import org.apache.kafka.clients.admin.ForwardingAdmin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Kafka refuses some operations to the router. */
class TopicRightsIT {
    private final String servers = Servers.broker().bootstrapServers();
    private final Logger log = (Logger) LoggerFactory.getLogger(TopicSetup.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void startCapture() {
        logged.start();
        log.addAppender(logged);
    }

    @AfterEach
    void stopCapture() {
        log.detachAppender(logged);
    }

    @Test
    void aDeniedSettingIsLoggedWithItsCommandAndTheSetupContinues() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        try (var admin = KafkaClients.admin(KafkaAccess.of(servers))) {
            var deleteSetting = new AlterConfigOp(new ConfigEntry("delete.retention.ms", ""),
                    AlterConfigOp.OpType.DELETE);
            admin.incrementalAlterConfigs(
                    Map.of(new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.PLAIN.state()),
                            List.of(deleteSetting)))
                    .all().get();
        }

        assertThat(setup(servers, "alter").ensure().partitions()).isEqualTo(TestLog.PARTITIONS);

        assertThat(logged.list).extracting(event -> String.valueOf(event.getKeyValuePairs()))
                .anyMatch(text -> text.contains("kafka-configs.sh --bootstrap-server ... --alter --topic rejoin.state"
                        + " --add-config delete.retention.ms=600000"));
        new TopicSetup(TestLog.config(servers)).ensure();
    }

    @Test
    void anotherEventsRetentionIsLoggedWithItsCommandAndNotChanged() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        assertThat(logged.list).isEmpty();

        new TopicSetup(RouterConfig.from(Map.of("KAFKA_BOOTSTRAP_SERVERS", servers, "ROUTER_EVENTS_RETENTION", "P9D")))
                .ensure();

        assertThat(logged.list).extracting(event -> String.valueOf(event.getKeyValuePairs()))
                .anyMatch(text -> text.contains("--alter --topic rejoin.events --add-config retention.ms=777600000"));
        try (var admin = KafkaClients.admin(KafkaAccess.of(servers))) {
            var events = new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.PLAIN.events());
            var kept = Objects.requireNonNull(admin.describeConfigs(List.of(events)).all().get().get(events));
            assertThat(kept.get("retention.ms").value()).isEqualTo("2592000000");
        }
    }

    @Test
    void existingTopicsNeedNoRightToCreate() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        assertThat(setup(servers, "create").ensure().partitions()).isEqualTo(TestLog.PARTITIONS);
    }

    @Test
    void missingTopicsWithoutTheRightToCreateFailAtOnce() {
        try (var kafka = Servers.emptyBroker()) {
            assertThatThrownBy(() -> setup(kafka.bootstrapServers(), "create").ensure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(TopicNames.PLAIN.commands(), TopicNames.PLAIN.state(),
                            "--operation Create");
        }
    }

    @Test
    void aMissingRightFailsAtOnce() {
        assertThatThrownBy(() -> setup(servers, "describe").ensure()).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("refuses", "DescribeConfigs");
        assertThat(logged.list).extracting(ILoggingEvent::getFormattedMessage).doesNotContain("waiting for Kafka");
    }

    private static TopicSetup setup(String servers, String deniedOperation) {
        return new TopicSetup(TestLog.config(servers), () -> new DenyingAdmin(servers, deniedOperation));
    }

    /** Acts as a broker whose ACLs deny one operation. */
    private static final class DenyingAdmin extends ForwardingAdmin {
        private final String deniedOperation;

        DenyingAdmin(String servers, String deniedOperation) {
            super(Map.of("bootstrap.servers", servers));
            this.deniedOperation = deniedOperation;
        }

        @Override
        public CreateTopicsResult createTopics(Collection<NewTopic> topics, CreateTopicsOptions options) {
            if (!deniedOperation.equals("create")) return super.createTopics(topics, options);
            return new CreateTopicsResult(futures(topics.stream().map(NewTopic::name).toList())) {
            };
        }

        @Override
        public DescribeConfigsResult describeConfigs(Collection<ConfigResource> resources,
                DescribeConfigsOptions options) {
            if (!deniedOperation.equals("describe")) return super.describeConfigs(resources, options);
            return new DescribeConfigsResult(futures(resources)) {
            };
        }

        @Override
        public AlterConfigsResult incrementalAlterConfigs(Map<ConfigResource, Collection<AlterConfigOp>> configs,
                AlterConfigsOptions options) {
            if (!deniedOperation.equals("alter")) return super.incrementalAlterConfigs(configs, options);
            try { // Kafka offers tests no other way to create a result
                var constructor = AlterConfigsResult.class.getDeclaredConstructor(Map.class);
                constructor.setAccessible(true);
                return constructor.newInstance(futures(configs.keySet()));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }

        private static <K, V> Map<K, KafkaFuture<V>> futures(Collection<K> keys) {
            return keys.stream().collect(Collectors.toMap(Function.identity(), _ -> {
                var future = new KafkaFutureImpl<V>();
                future.completeExceptionally(new TopicAuthorizationException("Topic authorization failed."));
                return future;
            }));
        }
    }
}
