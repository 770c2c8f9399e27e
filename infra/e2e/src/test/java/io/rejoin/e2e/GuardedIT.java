package io.rejoin.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.embedded.EmbeddedPostgres;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.kafka.Rights;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests two installations on one broker with passwords, TLS and exactly the ACLs of the operators' documentation. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class GuardedIT {
    private static final String A = "team-a.";
    private static final String B = "team-b.";
    private static final List<String> SERVICES = List.of("edge", "router", "history", "tools");

    @TempDir
    private static Path folder;

    private static AclDocument document;
    private static EmbeddedPostgres postgres;
    private static GuardedBroker broker;
    private static Installation a;
    private static Installation b;

    @BeforeAll
    static void start() throws Exception {
        document = AclDocument.read();
        broker = new GuardedBroker(folder);
        postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0);
        for (var prefix : List.of(A, B))
            broker.allow(SERVICES.stream().map(service -> AclDocument.user(prefix, service)).toList(),
                    document.acls(prefix));
        a = new Installation(broker, A, 2, postgres, folder);
        b = new Installation(broker, B, 1, postgres, folder);
        a.awaitReady();
        b.awaitReady();
    }

    @AfterAll
    static void stop() {
        Stream.of(a, b, postgres, broker).filter(Objects::nonNull).forEach(GuardedIT::close);
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theTableTheCommandsAndWhatServicesAskForAreTheSame() {
        var kafka = KafkaAccess.of("127.0.0.1:9092");
        assertThat(document.commands()).isEqualTo(document.table());
        assertThat(document.table()).isEqualTo(Map.of("edge", lines(Rights.ofEdge(kafka)), "router",
                lines(Rights.ofRouter(kafka)), "history", lines(Rights.ofHistory(kafka)), "tools",
                lines(Rights.ofTools(kafka))));
    }

    private static List<String> lines(Rights rights) {
        return rights.lines().stream().map(line -> line.split(": ", 2))
                .map(parts -> AclDocument.line("", parts[0], List.of(parts[1].split(", ")))).sorted().toList();
    }

    @Test
    void peopleTalkAndComeBackAndARouterDies() {
        var rooms = IntStream.range(0, 2).mapToObj(GuardedIT::roomOfPartition).toList();
        try (var lost = a.connect("/ws/" + rooms.getFirst() + "?name=lost")) {
            lost.await("join_ack");
            lost.post(rooms.getFirst(), "first", "hello");
            assertThat(lost.await("message").path("seq").asLong()).isEqualTo(1);
            lost.drop();
        }
        try (var poster = a.connect("/ws/" + rooms.getFirst() + "?name=poster")) {
            poster.send("{\"event\":\"join\",\"room\":\"" + rooms.getLast() + "\"}");
            postToAll(poster, rooms, "before");
            a.routers().getFirst().kill(); // it owned the shard of one of the rooms
            postToAll(poster, rooms, "after");
            a.routers().getFirst().restart();
        }
        try (var back = a.connect("/ws?name=lost")) {
            back.send("{\"event\":\"join\",\"room\":\"" + rooms.getFirst() + "\",\"after\":1}");
            assertThat(back.await("resync").path("outcome").asText()).as(a::tails).isEqualTo("full");
            assertThat(back.messages(rooms.getFirst())).containsExactly("2:before-0", "3:after-0");
        }
    }

    private static String roomOfPartition(int partition) {
        return IntStream.range(0, 100).mapToObj(n -> "talk-" + n).filter(
                room -> Topics.partition(new RoomId("default", room), Installation.PARTITIONS) == partition).findFirst()
                .orElseThrow();
    }

    private static void postToAll(Client poster, List<String> rooms, String id) {
        for (var n = 0; n < rooms.size(); n++) {
            var own = id + "-" + n;
            poster.post(rooms.get(n), own, "text");
            poster.await(frame -> Client.isEvent("ack").test(frame) && frame.path("id").asText().equals(own));
        }
    }

    @Test
    void whatCannotBeUsedIsADeadLetterUnderThePrefix() throws Exception {
        var names = new TopicNames(A);
        try (var producer = KafkaAccess.of(broker.open(), names).producer(Map.of())) {
            producer.send(new ProducerRecord<>(names.commands(), 0, null, "garbage".getBytes(UTF_8))).get();
        }
        await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(deadLetters("list")).contains("team-a.rejoin.commands-0@"));
        assertThat(deadLetters("replay", "0")).contains("refused: routers of this version cannot read the record");
    }

    private static String deadLetters(String... arguments) throws IOException {
        var all = Stream.concat(Stream.of("dead-letters"), Stream.of(arguments)).toArray(String[]::new);
        var run = a.rejoinctl().run(all);
        return run.out() + run.err();
    }

    @Test
    void anOperatorLooksAfterAnInstallationWithTheRightsOfTools() throws Exception {
        var rejoinctl = a.rejoinctl();
        try (var ann = a.connect("/ws/seen?name=ann")) {
            ann.await("join_ack");
            await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(
                    () -> assertThat(rejoinctl.run("room", "seen").out()).contains("1 users with 1 connections"));
            for (var command : List.of("doctor", "topics check", "lag --max 1000000", "edges", "user ann",
                    "tail edges --last 1", "drain edge --force --timeout PT1M")) {
                var run = rejoinctl.run(command.split(" "));
                assertThat(run.code()).as("%s %s", command, run.all()).isZero();
            }
            await().atMost(Cluster.PATIENCE).until(() -> ann.closeCode() != null);
            assertThat(ann.closeCode()).isEqualTo(1012);
            assertThat(rejoinctl.run("doctor").out()).contains("drained", "--undo");
        } finally {
            var undone = rejoinctl.run("drain", "edge", "--undo");
            assertThat(undone.code()).as(undone::all).isZero();
        }
        a.awaitReady();
    }

    @Test
    void whatAnOperatorMayNotDoIsNamedWithTheCommandThatGivesIt() throws Exception {
        var run = a.rejoinctl("history").run("edges");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("topic team-a.rejoin.edges: grant Read, Write, DescribeConfigs with",
                "--add --allow-principal User:team-a.rejoin-history");
    }

    @Test
    void twoInstallationsNeverMeet() throws Exception {
        try (var ofA = a.connect("/ws/same?name=ann"); var ofB = b.connect("/ws/same?name=ben")) {
            assertThat(ofA.await("join_ack").path("members").toString()).isEqualTo("[\"ann\"]");
            assertThat(ofB.await("join_ack").path("members").toString()).isEqualTo("[\"ben\"]");
            for (var n = 1; n <= 3; n++) {
                ofA.post("same", "a" + n, "of a");
                ofB.post("same", "b" + n, "of b");
            }
            ofA.send("{\"event\":\"message\",\"to\":\"ben\",\"id\":\"direct\",\"text\":\"of a\"}");
            ofA.await(
                    frame -> frame.path("event").asText().equals("ack") && frame.path("id").asText().equals("direct"));
            await().atMost(Cluster.PATIENCE).until(() -> ofB.messages("same").size() >= 3);
            ofB.post("same", "last", "of b"); // messages of installation A would have arrived before this one
            ofB.await(frame -> frame.path("id").asText().equals("last") && Client.isEvent("message").test(frame));

            assertThat(ofA.messages("same")).containsExactly("1:a1", "2:a2", "3:a3");
            assertThat(ofB.messages("same")).containsExactly("1:b1", "2:b2", "3:b3", "4:last");
            assertThat(ofB.frames("message")).extracting(frame -> frame.path("text").asText()).containsOnly("of b");
            assertThat(ofA.frames("presence")).isEmpty();
        }
        await().atMost(Cluster.PATIENCE).untilAsserted(() -> {
            assertThat(a.history("same")).contains("of a").doesNotContain("of b");
            assertThat(b.history("same")).contains("\"last\"").doesNotContain("of a");
        });
        everyNameHasAPrefix();
    }

    private static void everyNameHasAPrefix() throws Exception {
        var admin = broker.admin();
        assertThat(admin.listTopics().names().get()).hasSize(10)
                .allMatch(name -> name.startsWith(A + "rejoin.") || name.startsWith(B + "rejoin."));
        assertThat(admin.listGroups().all().get()).extracting(GroupListing::groupId)
                .containsExactlyInAnyOrder(A + "rejoin-router", A + "rejoin-history", B + "rejoin-router",
                        B + "rejoin-history");
        assertThat(admin.listTransactions().all().get()).extracting(TransactionListing::transactionalId).contains(
                A + "rejoin-router-0", A + "rejoin-router-1", B + "rejoin-router-0", B + "rejoin-router-1").hasSize(4);
    }

    /** Each service connects as the user of another service. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "edge | io.rejoin.edge.EdgeMain | history | topic team-a.rejoin.edges: grant Read, Write with",
            "router | io.rejoin.router.RouterMain | edge | topic team-a.rejoin.commands: grant Read, DescribeConfigs",
            "history | io.rejoin.history.HistoryMain | edge | topic team-a.rejoin.events: grant Read with",
            "history | io.rejoin.history.HistoryMain | edge | group team-a.rejoin-history: grant Read with",
            "history | io.rejoin.history.HistoryMain | nobody | refuses the login of User:team-a.rejoin-nobody"})
    void whatIsMissingIsNamedWithTheCommandThatGivesIt(String name, String main, String user, String said)
            throws Exception {
        var settings = a.environment(user);
        settings.putAll(Map.of("EDGE_AUTH", "dev", "EDGE_PORT", "0", "EDGE_METRICS_PORT", "0", "ROUTER_PORT", "0",
                "HISTORY_PORT", "0", "HISTORY_JDBC_URL", postgres.jdbcUrl().replaceFirst("/postgres$", "/team_a_"),
                "HISTORY_DB_USER", postgres.user(), "HISTORY_DB_PASSWORD", postgres.password()));
        try (var service = a.service(name + "-" + user + "-" + said.length(), main, settings)) {
            await().atMost(Cluster.PATIENCE).until(() -> !service.isAlive());

            assertThat(service.exitStatus()).isEqualTo(1);
            assertThat(service.tail()).contains(said).doesNotContain("of a test").doesNotContain("\tat ");
            if (!user.equals("nobody"))
                assertThat(service.tail()).contains("--add --allow-principal User:team-a.rejoin-" + user);
        }
    }
}
