package io.rejoin.history;

import static io.rejoin.history.Services.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.ConfigException;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.MessageReader;
import io.rejoin.servers.Broker;
import io.rejoin.servers.DedicatedServers;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Instances start, stop and crash, and the log changes while no instance runs. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class TakeoverIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final int PARTITIONS = 4;

    private static DedicatedServers servers;

    private Broker kafka;
    private Postgres postgres;
    private EventLog log;

    @BeforeAll
    static void startServers() {
        servers = Servers.own();
    }

    @AfterAll
    static void closeServers() {
        servers.close();
    }

    @BeforeEach
    void start() {
        kafka = servers.emptyBroker();
        postgres = servers.database();
        log = new EventLog(kafka.bootstrapServers(), PARTITIONS);
    }

    @AfterEach
    void stop() {
        log.close();
        postgres.close();
        kafka.close();
    }

    private Services.Running service() throws InterruptedException {
        return new Services.Running(Services.environment(kafka, postgres));
    }

    private static List<Long> seqs(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static void awaitSeqs(ReplayClient client, RoomId room, List<Long> seqs) {
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(client.seqs(room)).isEqualTo(seqs));
    }

    /** A service in a separate process, which a test can kill. */
    private Process process(String sessionTimeout, int port) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var builder = new ProcessBuilder(java, "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), HistoryMain.class.getName()).inheritIO();
        builder.environment().putAll(Services.environment(kafka, postgres));
        builder.environment().put("HISTORY_SESSION_TIMEOUT", sessionTimeout);
        builder.environment().put("HISTORY_PORT", Integer.toString(port));
        return builder.start();
    }

    @Test
    void aKilledProcessIsReplacedWithoutLossOrRepetition() throws Exception {
        var room = room("killed");
        log.post(room, 1, 30_000);
        var victim = process("PT6S", 0);
        try {
            awaitStored(room, 1);
        } finally {
            victim.destroyForcibly().waitFor();
        }
        log.post(room, 30_001, 30_100);

        try (var successor = service()) {
            awaitSeqs(successor.client(), room, seqs(1, 30_100));
        }
    }

    @Test
    void aProcessThatWasSuspendedAndReplacedChangesNothing() throws Exception {
        var room = room("zombie");
        log.post(room, 1, 100);
        var port = freePort();
        var zombie = process("PT1S", port);
        try (var zombieClient = new ReplayClient(port)) {
            awaitStored(room, 100);
            signal("STOP", zombie);
            log.post(room, 101, 200);
            try (var successor = service()) {
                awaitSeqs(successor.client(), room, seqs(1, 200));
                signal("CONT", zombie);
                assertThat(zombieClient.page(room, "").head()).isEqualTo(200); // not from its outdated memory
                for (var round = 2; round < 12; round++) log.post(room, round * 100 + 1, round * 100 + 100);
                awaitSeqs(successor.client(), room, seqs(1, 1_200));
                assertThat(zombie.isAlive()).isTrue();
            }
            log.post(room, 1_201, 1_300);
            awaitStored(room, 1_300);
        } finally {
            zombie.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Waits until the table has the message. The service creates the table first. */
    private void awaitStored(RoomId room, long seq) {
        try (var database = new Database(HistoryConfig.from(Services.environment(kafka, postgres)).database(), 1,
                new SimpleMeterRegistry())) {
            var reader = new MessageReader(database);
            await().pollInterval(Duration.ofMillis(10)).atMost(TIMEOUT).ignoreExceptions().until(() -> {
                var head = reader.heads(List.of(room)).get(room);
                return head != null && head.seq() >= seq;
            });
        }
    }

    @Test
    void aNewInstanceContinuesAtThePositionInTheDatabase() throws Exception {
        var room = room("restart");
        try (var first = service()) {
            log.post(room, 1, 100);
            awaitSeqs(first.client(), room, seqs(1, 100));
        }
        EventLog.await(() -> log.admin().deleteConsumerGroups(List.of("rejoin-history")).all().get());
        log.post(room, 101, 200);

        try (var second = service()) {
            awaitSeqs(second.client(), room, seqs(1, 200));
        }
    }

    @Test
    void instancesShareThePartitionsAndEachAnswersForAllRooms() throws Exception {
        var rooms = IntStream.range(0, 12).mapToObj(n -> room("shared-" + n)).toList();
        try (var starts = Executors.newVirtualThreadPerTaskExecutor()) {
            var starting = starts.submit(this::service); // both instances find an empty database
            try (var first = service()) {
                try (var second = starting.get()) {
                    for (var room : rooms) log.post(room, 1, 10);
                    for (var room : rooms) {
                        for (var service : List.of(first, second)) {
                            var page = service.client().page(room, "&after=0&to=10&wait_ms=30000");
                            assertThat(page.messages()).hasSize(10);
                        }
                    }
                }
                for (var room : rooms) log.post(room, 11, 20);
                for (var room : rooms) awaitSeqs(first.client(), room, seqs(1, 20));
            }
        }
    }

    @Test
    void recordsThatRetentionDeletedUnreadAreSkipped() throws Exception {
        var room = room("retention");
        try (var first = service()) {
            log.post(room, 1, 10);
            awaitSeqs(first.client(), room, seqs(1, 10));
        }
        log.post(room, 11, 30);
        var partition = new TopicPartition(TopicNames.PLAIN.events(), log.partition(room));
        EventLog.await(
                () -> log.admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(20))).all().get());

        try (var second = service()) {
            awaitSeqs(second.client(), room, LongStream
                    .concat(LongStream.rangeClosed(1, 10), LongStream.rangeClosed(21, 30)).boxed().toList());
        }
    }

    @Test
    void anInstanceWhoseDatabaseWasReassignedStoresNothingAndEnds() throws Exception {
        var ours = room("ours");
        var theirs = room("theirs");
        log.post(ours, 1, 10);
        var old = process("PT6S", 0);
        try (var otherKafka = Servers.newBroker();
                var otherLog = new EventLog(otherKafka.bootstrapServers(), PARTITIONS)) {
            awaitStored(ours, 10);
            otherLog.post(theirs, 1, 10);
            var adopting = new HashMap<>(Services.environment(otherKafka, postgres));
            adopting.put("HISTORY_ADOPT", otherLog.eventsId());
            try (var other = new Services.Running(adopting)) {
                awaitSeqs(other.client(), theirs, seqs(1, 10));
                log.post(ours, 11, 20);

                assertThat(old.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(old.exitValue()).isEqualTo(2);
                otherLog.post(theirs, 11, 20);
                awaitSeqs(other.client(), theirs, seqs(1, 20));
                assertThat(other.client().seqs(ours)).isEqualTo(seqs(1, 10));
            }
        } finally {
            old.destroyForcibly().waitFor();
        }
    }

    @Test
    void aRecreatedTopicIsReadFromItsBeginning() throws Exception {
        var before = room("before");
        try (var first = service()) {
            log.post(before, 1, 10);
            awaitSeqs(first.client(), before, seqs(1, 10));
        }
        EventLog.await(() -> log.admin().deleteTopics(List.of(TopicNames.PLAIN.events())).all().get());
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            log.createEvents();
            return true;
        });
        var after = room("after");
        log.post(after, 1, 50);

        var id = log.eventsId();
        // The new topic id looks like another installation: an operator must confirm that it is not
        assertThatThrownBy(this::service).isInstanceOf(ConfigException.class)
                .hasMessageContaining("HISTORY_ADOPT=" + id);
        var adopting = new HashMap<>(Services.environment(kafka, postgres));
        adopting.put("HISTORY_ADOPT", id);
        try (var second = new Services.Running(adopting)) {
            awaitSeqs(second.client(), after, seqs(1, 50));
            assertThat(second.client().seqs(before)).isEqualTo(seqs(1, 10));
        }
    }
}
