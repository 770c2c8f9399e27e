package io.rejoin.router.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.CommandRecord.Item;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.LinkConfig;
import io.rejoin.router.RouterConfig;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.shard.CommandReader;
import io.rejoin.router.shard.PoisonDetector;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Servers;
import io.rejoin.tracing.TraceSettings;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A failure in one partition does not affect other partitions. */
class IsolationIT {
    /** Content that cannot be encoded. */
    @SuppressWarnings("NullAway") // null, which only a bug could produce
    private static final Content UNENCODABLE = null;

    private static final int BAD = 0;
    private static final int GOOD = 1;

    private final AtomicReference<Throwable> fatal = new AtomicReference<>();
    private final AtomicInteger failures = new AtomicInteger();
    private Broker kafka;
    private TestLog log;
    private CommandLoop loop;
    private Thread loopThread;

    @BeforeEach
    void setUp() throws Exception {
        kafka = Servers.emptyBroker();
        log = new TestLog(kafka.bootstrapServers());
        new TopicSetup(
                new RouterConfig(KafkaAccess.of(kafka.bootstrapServers()), 2, (short) 1, Duration.ofMillis(1500),
                        Duration.ofSeconds(5), Duration.ofDays(30), null, "127.0.0.1", 0,
                        new LinkConfig(null, null), TraceSettings.OFF))
                .ensure();
        var clock = new LogClock();
        var watch = new EdgeWatch(log.clients(), clock, new Peers(), "isolation", "127.0.0.1:1",
                new StartupResources());
        loop = new CommandLoop(log.clients(), "isolation", new EdgeStreams(), new Inlets(), watch, clock,
                new RedeliverySchedule(Duration.ofSeconds(5)),
                Duration.ofDays(30), this::read, new ShardLimiter(), new Random(1),
                new RouterMeters(new SimpleMeterRegistry()), Tracing.off(), new StartupResources());
        loopThread = Thread.ofPlatform().uncaughtExceptionHandler((_, cause) -> fatal.set(cause)).unstarted(loop);
    }

    @AfterEach
    void stop() throws Exception {
        loop.stop();
        loopThread.join();
        kafka.close();
        assertThat(fatal.get()).isNull();
    }

    @Test
    void aRecordThatRepeatedlyMakesItsShardFailIsSkipped() throws Exception {
        post(BAD, "before");
        var poison = post(BAD, "poison");
        post(BAD, "after");
        post(GOOD, "other");
        loopThread.start();

        assertThat(messages(GOOD, 1)).containsExactly("1:other");
        assertThat(messages(BAD, 2)).containsExactly("1:before", "2:after");
        // more, if the command fails again before the commit
        assertThat(failures.get()).isGreaterThanOrEqualTo(PoisonDetector.MAX_FAILURES);
        var letter = log.read(TopicNames.PLAIN.deadLetters(), 0, 1, _ -> true).getFirst();
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.commands-0@" + poison);
        assertThat(new String(letter.value(), UTF_8)).contains("poison");
        post(BAD, "later");
        assertThat(messages(BAD, 3)).endsWith("3:later");
    }

    @Test
    void onlyTheCommandThatRepeatedlyMakesItsShardFailIsSkipped() throws Exception {
        post(BAD, "before");
        var record = post(BAD, "a", "trap", "b");
        post(BAD, "after");
        loopThread.start();

        assertThat(messages(BAD, 4)).containsExactly("1:before", "2:a", "3:b", "4:after");
        var letter = log.read(TopicNames.PLAIN.deadLetters(), 0, 1, _ -> true).getFirst();
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_FROM)).isEqualTo("rejoin.commands-0@" + record);
        assertThat(TestLog.header(letter, Topics.DEAD_LETTER_INDEX)).isEqualTo("1");
        assertThat(LogCodec.commands(letter.value())).hasSize(1);
        assertThat(new String(letter.value(), UTF_8)).contains("trap");
    }

    @Test
    void anUnreadableStateStopsOnlyItsShard() throws Exception {
        log.append(TopicNames.PLAIN.state(), BAD, "room:default/r", "noise".getBytes(UTF_8));
        post(BAD, "stuck");
        loopThread.start();
        for (var i = 1; i <= 3; i++) {
            post(GOOD, "on");
            assertThat(messages(GOOD, i)).hasSize(i);
        }
        assertThat(log.end(TopicNames.PLAIN.events(), BAD)).isZero();
    }

    @Test
    void anExpiredPositionFailsOnlyItsShard() throws Exception {
        loopThread.start();
        post(GOOD, "on");
        assertThat(messages(GOOD, 1)).hasSize(1);
        post(BAD, "seen");
        assertThat(messages(BAD, 1)).hasSize(1);
        try (var admin = KafkaClients.admin(KafkaAccess.of(kafka.bootstrapServers()))) {
            for (var i = 0; i < 3; i++) {
                post(BAD, "perhaps too late");
                var all = RecordsToDelete.beforeOffset(log.end(TopicNames.PLAIN.commands(), BAD));
                admin.deleteRecords(Map.of(new TopicPartition(TopicNames.PLAIN.commands(), BAD), all)).all().get();
            }
        }
        post(GOOD, "on");
        assertThat(messages(GOOD, 2)).hasSize(2);
        post(BAD, "goes on");
        log.read(TopicNames.PLAIN.events(), BAD, 0, 1, event -> text(event).endsWith(":goes on"));
    }

    /** Simulates a bug that one kind of command triggers. */
    private CommandRecord read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        if (new String(record.value(), UTF_8).contains("poison")) {
            failures.incrementAndGet();
            throw new IllegalStateException("a bug");
        }
        var read = CommandReader.of(2).read(record);
        return new CommandRecord(read.v(), read.items().stream().map(IsolationIT::withTrap).toList());
    }

    /** Simulates another bug: the outputs of one kind of command cannot be encoded. */
    private static Item withTrap(Item item) {
        if (!(item instanceof Item.Usable(Command.Post post)) || !"trap".equals(post.content().text())) return item;
        return new Item.Usable(new Command.Post(post.room(), post.user(), post.connection(), post.edge(), post.id(),
                UNENCODABLE));
    }

    private long post(int partition, String... texts) throws Exception {
        var posts = Stream.of(texts).<Command>map(text -> new Command.Post(room(partition),
                new UserId("default", "ann"), new ConnectionId("c"), new EdgeRef("edge", 1, 0), null,
                Content.text(text)));
        return log.append(TopicNames.PLAIN.commands(), partition, "key", LogCodec.commands(posts.toList()));
    }

    private static RoomId room(int partition) {
        return IntStream.range(0, 100).mapToObj(n -> new RoomId("default", "r" + n))
                .filter(room -> Topics.partition(room, 2) == partition).findFirst().orElseThrow();
    }

    private List<String> messages(int partition, int count) {
        var ids = new HashSet<String>();
        return log
                .read(TopicNames.PLAIN.events(), partition, 0, count,
                        event -> ids.add(TestLog.header(event, EventCodec.ID)))
                .stream().map(IsolationIT::text).toList();
    }

    private static String text(ConsumerRecord<byte[], byte[]> event) {
        return new String(event.value(), UTF_8).replaceAll(".*\"seq\":(\\d+).*\"text\":\"(.*?)\".*", "$1:$2");
    }
}
