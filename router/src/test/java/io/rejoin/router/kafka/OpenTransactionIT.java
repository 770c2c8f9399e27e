package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.router.liveness.RecentEdges;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Servers;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A transaction that another program left open on the heartbeat topic hides no heartbeats from a router. */
class OpenTransactionIT {
    private final String servers = Servers.broker().bootstrapServers();
    private final TestLog log = new TestLog(servers);

    @Test
    void anOpenTransactionHidesNeitherEdgesNorLogTime() throws Exception {
        new TopicSetup(TestLog.config(servers)).ensure();
        try (var otherProducer = new KafkaProducer<>(
                Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG, "stranger-" + UUID.randomUUID()),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            otherProducer.initTransactions();
            otherProducer.beginTransaction();
            otherProducer.send(
                    new ProducerRecord<>(TopicNames.PLAIN.edges(), 0, "stranger".getBytes(UTF_8), new byte[]{'x'}))
                    .get();

            var edge = new EdgeRef("edge-" + UUID.randomUUID(), 1, 0);
            log.append(TopicNames.PLAIN.edges(), 0, edge.edge(),
                    LogCodec.heartbeat(new EdgeHeartbeat(edge, "localhost:1", 1)));
            assertThat(new RecentEdges(log.clients()).get()).contains(edge);
            assertLogTimeIsKnown();
            otherProducer.abortTransaction();
        }
    }

    private void assertLogTimeIsKnown() throws InterruptedException {
        var clock = new LogClock();
        var watch = new EdgeWatch(log.clients(), clock, new Peers(), "open", "127.0.0.1:1", new StartupResources());
        var watchThread = Thread.ofPlatform().start(watch);
        try {
            await().atMost(TestLog.TIMEOUT).until(() -> clock.now().isPresent() && watch.lastOwnBeatAt() != null);
        } finally {
            watch.stop();
            watchThread.join();
        }
    }
}
