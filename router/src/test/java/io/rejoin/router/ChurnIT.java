package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.TopicNames;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Servers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removed rooms leave nothing behind: a thousand new rooms a second, with routers of 128 MB. A router is killed now
 * and then, and others stand by. A short form of {@code infra/churn}.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ChurnIT {
    private static final Logger log = LoggerFactory.getLogger(ChurnIT.class);
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("rejoin.churn.seconds", 8));
    private static final int RATE = Integer.getInteger("rejoin.churn.rate", 1_000);
    /** The time limit for a takeover; generous, because the machine may be busy. */
    private static final Duration MAX_SILENCE = Duration
            .ofMillis(Integer.getInteger("rejoin.churn.silence.ms", 20_000));
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(Math.max(8, Math.min(60, LENGTH.toSeconds() / 2)));
    private static final Duration SESSION = Duration.ofMinutes(5);
    /** The most live objects in a router, including the remembered posts of {@link PostProbe}. */
    private static final double MAX_MIB = 48;

    private record Sample(long rooms, double mib, StateSize state) {}

    private final List<Duration> silences = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();

    @Test
    void removedRoomsUseNoMemoryAndNoState() throws Exception {
        try (var kafka = Servers.newBroker()) {
            var servers = kafka.bootstrapServers();
            new TopicSetup(TestLog.config(servers)).ensure();
            shortenRetention(servers);
            var routers = new ArrayDeque<RouterProcess>();
            try (var probe = new PostProbe(servers)) {
                routers.add(new RouterProcess(servers, SESSION));
                probe.resetLongestGap();
                routers.add(new RouterProcess(servers, SESSION));
                awaitBeats(servers);
                probe.resetLongestGap();
                try (var churn = new Churn(servers, RATE)) {
                    runChurn(servers, routers, probe, churn);
                }
            } finally {
                routers.forEach(RouterProcess::kill);
            }
        }
    }

    private void runChurn(String servers, ArrayDeque<RouterProcess> routers, PostProbe probe,
            Churn churn) throws Exception {
        var end = System.nanoTime() + LENGTH.toNanos();
        while (System.nanoTime() < end) {
            var next = churn.rooms() + RATE * BETWEEN_KILLS.toSeconds();
            await().atMost(BETWEEN_KILLS.multipliedBy(10)).until(() -> churn.rooms() >= next);
            sample(servers, routers.getFirst(), churn);
            probe.resetLongestGap();
            routers.removeFirst().kill();
            silences.add(probe.awaitMoreAndGetLongestGap());
            log.atInfo().addKeyValue("ms", silences.getLast().toMillis()).log("silence of a shard after a kill");
            routers.add(new RouterProcess(servers, SESSION));
            awaitBeats(servers);
        }
        sample(servers, routers.getFirst(), churn);
        log.atInfo().addKeyValue("silences", silences).addKeyValue("samples", samples).log("churn done");

        assertThat(routers).allMatch(RouterProcess::isAlive);
        assertThat(silences).allMatch(silence -> silence.compareTo(MAX_SILENCE) < 0);
        assertThat(samples).allMatch(sample -> sample.mib() < MAX_MIB);
        // a room, its member and the posts of the probe; nothing of removed rooms
        assertThat(samples).allMatch(sample -> sample.state().keys() < 2 * 2 * churn.maxOccupiedRooms() + 2_000);
        var seqs = probe.seqs();
        assertThat(seqs).isEqualTo(LongStream.rangeClosed(1, seqs.size()).boxed().toList());
    }

    private void sample(String servers, RouterProcess router, Churn churn) throws Exception {
        var sample = new Sample(churn.rooms(), router.liveMib(), StateSize.of(servers));
        samples.add(sample);
        log.atInfo().addKeyValue("sample", sample).log("churn sample");
    }

    /**
     * Makes a minute show what otherwise takes hours: old segments are compacted at once, and unused records are
     * deleted soon.
     */
    private static void shortenRetention(String servers) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            set(admin, TopicNames.PLAIN.state(),
                    Map.of("segment.bytes", "1048576", "segment.ms", "5000", "delete.retention.ms",
                            "1000", "min.cleanable.dirty.ratio", "0.01", "max.compaction.lag.ms", "5000"));
            set(admin, TopicNames.PLAIN.events(),
                    Map.of("segment.bytes", "16777216", "retention.bytes", "33554432"));
        }
    }

    private static void set(Admin admin, String topic, Map<String, String> settings) throws Exception {
        var changes = settings.entrySet().stream().map(setting -> new AlterConfigOp(
                new ConfigEntry(setting.getKey(), setting.getValue()), AlterConfigOp.OpType.SET)).toList();
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes)).all()
                .get();
    }

    /** Waits for so many beats that the router started last is fully up. */
    private static void awaitBeats(String servers) {
        var topics = new TestLog(servers);
        topics.read(TopicNames.PLAIN.edges(), topics.end(TopicNames.PLAIN.edges()), 40,
                record -> record.value() == null);
    }
}
