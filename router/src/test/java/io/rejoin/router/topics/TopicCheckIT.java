package io.rejoin.router.topics;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.TopicNames;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.servers.Servers;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of existing topics are checked before any data in them is lost. */
class TopicCheckIT {
    private final String servers = Servers.broker().bootstrapServers();
    private Admin admin;

    @BeforeEach
    void topics() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        admin = KafkaClients.admin(KafkaAccess.of(servers));
    }

    @AfterEach
    void close() {
        admin.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "rejoin.commands | message.timestamp.type | CreateTime | LogAppendTime | =LogAppendTime",
            "rejoin.commands | cleanup.policy | compact | delete | =delete",
            "rejoin.events | cleanup.policy | compact,delete | delete | =delete",
            "rejoin.state | cleanup.policy | delete | compact | =compact",
            "rejoin.state | cleanup.policy | compact,delete | compact | =compact",
            "rejoin.edges | cleanup.policy | delete | compact,delete | =[compact,delete]"})
    void aWrongSettingIsReportedWithTheCommandThatCorrectsIt(String topic, String setting, String wrong, String right,
            String advice) throws Exception {
        set(topic, setting, wrong);
        try {
            await().atMost(TestLog.TIMEOUT)
                    .untilAsserted(() -> assertThatThrownBy(() -> new TopicCheck(admin, TopicNames.PLAIN).check())
                            .isInstanceOf(IllegalStateException.class).hasMessageContainingAll(topic, setting,
                                    wrong.substring(0, 6),
                                    "kafka-configs.sh", advice));
        } finally {
            set(topic, setting, right);
            await().atMost(TestLog.TIMEOUT).untilAsserted(
                    () -> assertThatCode(() -> new TopicCheck(admin, TopicNames.PLAIN).check())
                            .doesNotThrowAnyException());
        }
    }

    private void set(String topic, String setting, String value) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
                .all().get();
    }
}
