package io.rejoin.router.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.LinkConfig;
import io.rejoin.router.RouterConfig;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.metrics.ShardStatus;
import io.rejoin.router.shard.CommandReader;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Servers;
import io.rejoin.tracing.TraceSettings;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A router that is short of memory gives shards to a router that is not. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class SheddingIT {
    private static final int PARTITIONS = 4;

    private final List<Member> members = new ArrayList<>();
    private Broker kafka;
    private TestLog log;

    /** A router's command loop with a simulated memory reading. */
    private final class Member {
        private final AtomicReference<ShardLimiter.Reading> memory = new AtomicReference<>(
                new ShardLimiter.Reading(0.5, 0, 0));
        private final CommandLoop loop;
        private final Thread thread;

        Member(String id) {
            var clock = new LogClock();
            var watch = new EdgeWatch(log.clients(), clock, new Peers(), id, "127.0.0.1:1", new StartupResources());
            loop = new CommandLoop(log.clients(), id, new EdgeStreams(), new Inlets(), watch, clock,
                    new RedeliverySchedule(Duration.ofSeconds(5)),
                    Duration.ofDays(30), CommandReader.of(PARTITIONS), new ShardLimiter(memory::get), new Random(1),
                    new RouterMeters(new SimpleMeterRegistry()), Tracing.off(), new StartupResources());
            thread = Thread.ofPlatform().start(loop);
            members.add(this);
        }

        List<Integer> runningPartitions() {
            return loop.shards().stream().filter(shard -> shard.state() == ShardStatus.State.RUNNING)
                    .map(ShardStatus::partition).sorted().toList();
        }
    }

    @BeforeEach
    void setUp() throws Exception {
        kafka = Servers.newBroker();
        log = new TestLog(kafka.bootstrapServers());
        new TopicSetup(new RouterConfig(KafkaAccess.of(kafka.bootstrapServers()), PARTITIONS, (short) 1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5), Duration.ofDays(30), null, "127.0.0.1", 0,
                new LinkConfig(null, null), TraceSettings.OFF)).ensure();
    }

    @AfterEach
    void tearDown() throws Exception {
        for (var member : members) {
            member.loop.stop();
            member.thread.join();
        }
        kafka.close();
    }

    @Test
    void shardsMoveToARouterWithMemoryAndElseStay() throws Exception {
        var first = new Member("first");
        var second = new Member("second");
        await().atMost(TestLog.TIMEOUT)
                .until(() -> first.runningPartitions().size() == 2 && second.runningPartitions().size() == 2);

        first.memory.set(new ShardLimiter.Reading(0.95, 7, 0));
        await().atMost(TestLog.TIMEOUT)
                .until(() -> first.runningPartitions().size() == 1 && second.runningPartitions().size() == 3);
        assertThat(first.loop.memoryProblem()).contains("95%");
        second.memory.set(new ShardLimiter.Reading(0.9, 1, 0));
        await().atMost(TestLog.TIMEOUT).until(() -> second.loop.memoryProblem() != null);

        for (var partition = 0; partition < PARTITIONS; partition++) post(partition);
        for (var partition = 0; partition < PARTITIONS; partition++)
            assertThat(log.read(TopicNames.PLAIN.events(), partition, 0, 1, _ -> true)).hasSize(1);
        await().atMost(TestLog.TIMEOUT)
                .until(() -> String.valueOf(second.loop.memoryProblem()).contains("no other router has room"));
        assertThat(first.runningPartitions()).hasSize(1);
        assertThat(second.runningPartitions()).hasSize(3);
    }

    private void post(int partition) throws Exception {
        var room = IntStream.range(0, 1_000).mapToObj(n -> new RoomId("default", "r" + n))
                .filter(each -> Topics.partition(each, PARTITIONS) == partition).findFirst().orElseThrow();
        var post = new Command.Post(room, new UserId("default", "ann"), new ConnectionId("c"),
                new EdgeRef("edge", 1, 0), null, Content.text("hi"));
        log.append(TopicNames.PLAIN.commands(), partition, room.key(), LogCodec.commands(List.of(post)));
    }
}
