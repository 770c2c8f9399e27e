package io.rejoin.router.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.servers.Servers;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class TopicSetupIT {
    private final String servers = Servers.broker().bootstrapServers();
    private final TestLog log = new TestLog(servers);

    @Test
    void heartbeatsGetBrokerTimestampsInAnExistingTopic() throws Exception {
        var setup = new TopicSetup(TestLog.config(servers));
        setup.ensure();
        try (var admin = KafkaClients.admin(KafkaAccess.of(servers))) {
            var createTime = new AlterConfigOp(new ConfigEntry("message.timestamp.type", "CreateTime"),
                    AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(
                    Map.of(new ConfigResource(ConfigResource.Type.TOPIC, TopicNames.PLAIN.edges()),
                            List.of(createTime)))
                    .all()
                    .get();
        }

        setup.ensure();

        await().atMost(TestLog.TIMEOUT).until(() -> { // the broker applies a change a moment later
            var from = log.append(TopicNames.PLAIN.edges(), new byte[]{'x'});
            return log.read(TopicNames.PLAIN.edges(), from, 1, _ -> true).getFirst()
                    .timestampType() == TimestampType.LOG_APPEND_TIME;
        });
    }

    @Test
    void logTimeIsKnownOnceABeatHasComeBack() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        var clock = new LogClock();
        var watch = new EdgeWatch(log.clients(), clock, new Peers(), "clock", "127.0.0.1:1", new StartupResources());
        var watchThread = Thread.ofPlatform().start(watch);
        try {
            await().atMost(TestLog.TIMEOUT).until(() -> clock.now().isPresent());
            var from = log.append(TopicNames.PLAIN.edges(), new byte[]{'x'});
            var ts = log.read(TopicNames.PLAIN.edges(), from, 1, _ -> true).getFirst().timestamp();
            assertThat(clock.now().getAsLong()).isBetween(ts - 60_000, ts + 60_000);
        } finally {
            watch.stop();
            watchThread.join();
        }
    }
}
