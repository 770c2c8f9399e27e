package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.rejoin.contracts.TopicNames;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.RouterConfig;
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
    private final ListAppender<ILoggingEvent> announced = new ListAppender<>();

    @BeforeEach
    void listen() {
        announced.start();
        log.addAppender(announced);
    }

    @AfterEach
    void listenNoMore() {
        log.detachAppender(announced);
    }

    @Test
    void aSettingThatItMayNotChangeIsToldWithTheCommandAndItGoesOn() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        try (var admin = Clients.admin(KafkaAccess.of(servers))) {
            var asAnEarlierVersion = new AlterConfigOp(new ConfigEntry("delete.retention.ms", ""),
                    AlterConfigOp.OpType.DELETE);
            admin.incrementalAlterConfigs(
                    Map.of(new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.PLAIN.state()),
                            List.of(asAnEarlierVersion)))
                    .all().get();
        }

        assertThat(setup(servers, "alter").ensure().partitions()).isEqualTo(TestLog.PARTITIONS);

        assertThat(announced.list).extracting(event -> String.valueOf(event.getKeyValuePairs()))
                .anyMatch(said -> said.contains("kafka-configs.sh --bootstrap-server ... --alter --topic rejoin.state"
                        + " --add-config delete.retention.ms=600000"));
        new TopicSetup(TestLog.config(servers)).ensure();
    }

    @Test
    void eventsThatAreKeptForAnotherTimeAreToldWithTheCommandAndStayAsTheyAre() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        assertThat(announced.list).isEmpty();

        new TopicSetup(RouterConfig.from(Map.of("KAFKA_BOOTSTRAP_SERVERS", servers, "ROUTER_EVENTS_RETENTION", "P9D")))
                .ensure();

        assertThat(announced.list).extracting(event -> String.valueOf(event.getKeyValuePairs()))
                .anyMatch(said -> said.contains("--alter --topic rejoin.events --add-config retention.ms=777600000"));
        try (var admin = Clients.admin(KafkaAccess.of(servers))) {
            var events = new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.PLAIN.events());
            var kept = Objects.requireNonNull(admin.describeConfigs(List.of(events)).all().get().get(events));
            assertThat(kept.get("retention.ms").value()).isEqualTo("2592000000");
        }
    }

    @Test
    void topicsThatSomebodyElseMadeAreEnough() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        assertThat(setup(servers, "create").ensure().partitions()).isEqualTo(TestLog.PARTITIONS);
    }

    @Test
    void topicsThatItMayNotMakeAreNamedAtOnce() {
        try (var kafka = Servers.emptyBroker()) {
            assertThatThrownBy(() -> setup(kafka.bootstrapServers(), "create").ensure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(TopicNames.PLAIN.commands(), TopicNames.PLAIN.state(),
                            "--operation Create");
        }
    }

    @Test
    void whatItNeedsAndMayNotIsToldAtOnceAndNotAsKafkaThatIsAway() {
        assertThatThrownBy(() -> setup(servers, "describe").ensure()).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("refuses", "DescribeConfigs");
        assertThat(announced.list).extracting(ILoggingEvent::getFormattedMessage).doesNotContain("waiting for Kafka");
    }

    private static TopicSetup setup(String servers, String refused) {
        return new TopicSetup(TestLog.config(servers), () -> new Refusing(servers, refused));
    }

    /** Acts as a broker whose ACLs deny one operation. */
    private static final class Refusing extends ForwardingAdmin {
        private final String refused;

        Refusing(String servers, String refused) {
            super(Map.of("bootstrap.servers", servers));
            this.refused = refused;
        }

        @Override
        public CreateTopicsResult createTopics(Collection<NewTopic> topics, CreateTopicsOptions options) {
            if (!refused.equals("create")) return super.createTopics(topics, options);
            return new CreateTopicsResult(futures(topics.stream().map(NewTopic::name).toList())) {
            };
        }

        @Override
        public DescribeConfigsResult describeConfigs(Collection<ConfigResource> resources,
                DescribeConfigsOptions options) {
            if (!refused.equals("describe")) return super.describeConfigs(resources, options);
            return new DescribeConfigsResult(futures(resources)) {
            };
        }

        @Override
        public AlterConfigsResult incrementalAlterConfigs(Map<ConfigResource, Collection<AlterConfigOp>> configs,
                AlterConfigsOptions options) {
            if (!refused.equals("alter")) return super.incrementalAlterConfigs(configs, options);
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
