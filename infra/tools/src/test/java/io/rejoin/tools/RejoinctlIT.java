package io.rejoin.tools;

import static io.rejoin.tools.Samples.POST;
import static io.rejoin.tools.Samples.commands;
import static io.rejoin.tools.TestLog.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.router.core.Member;
import io.rejoin.router.core.Pending;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import io.rejoin.servers.Servers;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code infra/rejoinctl} against a broker, in a separate installation. */
class RejoinctlIT {
    private static final TopicNames TOPICS = new TopicNames("ctl.");
    private static final String SECRET = "a secret of at least thirty-two bytes";
    private static final TestLog LOG = new TestLog(Servers.broker().bootstrapServers(),
            Map.of("REJOIN_PREFIX", TOPICS.prefix(), "EDGE_JWT_SECRET", SECRET, "EDGE_HISTORY_URL",
                    "http://127.0.0.1:1"));

    @BeforeAll
    static void topics() throws Exception {
        var made = LOG.run("topics", "create", "--partitions", "3", "--replication", "1");
        assertThat(made.code()).as(made.err()).isZero();
        for (var partition = 0; partition < 3; partition++)
            LOG.send(new ProducerRecord<>(TOPICS.state(), partition, bytes(StateCodec.POSITION),
                    StateCodec.position(new StateCodec.Position(1, 0))));
    }

    @AfterAll
    static void close() {
        LOG.close();
    }

    @Test
    void topicsThatAreRightAreSaidToBe() {
        var check = LOG.run("topics", "check");
        assertThat(check.out()).isEqualTo("all topics exist and have the right settings; rooms are in 3 partitions\n");
        assertThat(check.code()).isZero();
    }

    @Test
    void topicsThatAreMissingAreNamed() {
        try (var other = new TestLog(Servers.broker().bootstrapServers(), Map.of("REJOIN_PREFIX", "none."))) {
            var check = other.run("topics", "check");
            assertThat(check.code()).isEqualTo(1);
            assertThat(check.err()).contains("none.rejoin.commands", "topics create");
            assertThat(other.run("lag").err()).contains("there is no topic none.rejoin.commands");
            assertThat(other.run("tail", "events").err()).contains("there is no topic none.rejoin.events");
            assertThat(other.run("doctor").code()).isEqualTo(1);
        }
    }

    @Test
    void theNewestRecordsAreShownOldestFirst() throws Exception {
        for (var i = 0; i < 5; i++) {
            LOG.send(new ProducerRecord<>(TOPICS.state(), i % 2, bytes("tail-" + i), bytes("{\"n\":" + i + "}")));
        }

        var tail = LOG.run("tail", "state", "--last", "2");
        assertThat(tail.out().lines()).hasSize(2).first().asString().contains("tail-3", "{\"n\":3}");
        var json = LOG.run("tail", "state", "--last", "1", "--json").out();
        assertThat(Json.MAPPER.readTree(json).path("value").path("n").intValue()).isEqualTo(4);
        assertThat(LOG.run("tail", "state", "--last", "0").out()).isEmpty();
        assertThat(LOG.run("tail", "state", "--since", Instant.now().plusSeconds(3600).toString()).out()).isEmpty();
    }

    @Test
    void oneRoomIsShownWithoutOthers() throws Exception {
        for (var room : List.of("default/lobby", "default/other", "acme/lobby")) {
            var partition = Topics.partition(RoomId.of(room), 3);
            LOG.send(new ProducerRecord<>(TOPICS.commands(), partition, bytes(room), commands(POST)));
        }
        assertThat(LOG.run("tail", "commands", "--room", "lobby", "--last", "100").out().lines())
                .isNotEmpty().allMatch(line -> line.contains("  default/lobby  "));
        assertThat(LOG.run("tail", "commands", "--room", "acme/lobby").out().lines())
                .isNotEmpty().allMatch(line -> line.contains("  acme/lobby  "))
                .allMatch(
                        line -> line.contains("{\"v\":4,\"commands\":[{\"type\":\"post\",\"room\":\"default/lobby\""));
        var json = Json.MAPPER.readTree(
                LOG.run("tail", "commands", "--room", "acme/lobby", "--last", "1", "--json").out());
        assertThat(json.at("/value/commands/0/content/text").textValue()).isEqualTo("hi");
    }

    @Test
    void bytesThatSteerATerminalOrAreNoJsonAreShownAll() throws Exception {
        LOG.send(new ProducerRecord<>(TOPICS.deadLetters(), 0, null, new byte[]{27, '[', '2', 'J', (byte) 0xff}));
        assertThat(LOG.run("tail", "dead-letters", "--last", "1").out()).contains("0x1b5b324aff")
                .doesNotContain("\u001b");
        var json = Json.MAPPER.readTree(LOG.run("tail", "dead-letters", "--last", "1", "--json").out());
        assertThat(json.path("base64").binaryValue()).containsExactly(27, '[', '2', 'J', 0xff);
        assertThat(json.path("key").isNull()).isTrue();
    }

    @Test
    void edgesAreListedAsTheySaidLast() throws Exception {
        for (var connections : List.of(3, 5)) {
            var heartbeat = new EdgeHeartbeat(new EdgeRef("edge-1", 2, 1), "10.0.0.7:8080", connections);
            LOG.send(new ProducerRecord<>(TOPICS.edges(), 0, bytes("edge-1"), LogCodec.heartbeat(heartbeat)));
        }
        LOG.send(new ProducerRecord<>(TOPICS.edges(), 0, bytes("edge-2"), bytes("garbage")));
        LOG.send(new ProducerRecord<>(TOPICS.edges(), 0, bytes(RouterBeat.key("17fe")), null));
        LOG.send(new ProducerRecord<>(TOPICS.edges(), 0, bytes(EdgeOrder.key("edge-1")),
                LogCodec.order(new EdgeOrder("edge-1", EdgeOrder.Action.DRAIN))));

        var edges = objects(LOG.run("edges", "--json").out());
        assertThat(edges).singleElement().satisfies(edge -> {
            assertThat(edge.path("edge").textValue()).isEqualTo("edge-1");
            assertThat(edge.path("connections").intValue()).isEqualTo(5);
            assertThat(edge.path("address").textValue()).isEqualTo("10.0.0.7:8080");
        });
        assertThat(LOG.run("edges").out().lines()).hasSize(2).first().asString().startsWith("edge    incarnation");
    }

    /**
     * Writes a state: ann has two connections at edge-1, ben has one at edge-2, and ann has not confirmed a message of
     * ben.
     */
    private static void writeRoom(RoomId room) throws Exception {
        var ann = new UserId(room.tenant(), "ann");
        var ben = new UserId(room.tenant(), "ben");
        var first = new EdgeRef("edge-1", 2, 1);
        var second = new EdgeRef("edge-2", 1, 0);
        var entries = List.of(new StateEntry.OfRoom(room, new StateEntry.Progress(1_700_000_000_000L, 7, 3, 0)),
                member(room, "c1", ann, first), member(room, "c2", ann, first), member(room, "c3", ben, second),
                member(room, "c4", ben, second), new StateEntry.OfMember(room, new ConnectionId("c4"), null),
                new StateEntry.OfCursor(room, ann, 5),
                new StateEntry.OfPending(room, 7, new Pending(12, 1_700_000_000_000L, 60_000, ben, "id",
                        new ConnectionId("c3"), second, List.of(ann))));
        var partition = Topics.partition(room, 3);
        for (var entry : entries)
            LOG.send(new ProducerRecord<>(TOPICS.state(), partition, bytes(StateCodec.key(entry)),
                    StateCodec.value(entry)));
    }

    private static StateEntry member(RoomId room, String connection, UserId user, EdgeRef edge) {
        return new StateEntry.OfMember(room, new ConnectionId(connection), new Member(user, edge));
    }

    @Test
    void aRoomIsShownAsTheLastCheckpointHasIt() throws Exception {
        writeRoom(new RoomId("default", "inspected"));

        var text = LOG.run("room", "inspected");
        assertThat(text.code()).as(text.err()).isZero();
        assertThat(text.out()).contains("room default/inspected: 2 users with 3 connections", "seq 7",
                "edge-1", "checkpoint of ", "messages that wait for confirmation");
        var room = Json.MAPPER.readTree(LOG.run("room", "default/inspected", "--json", "--limit", "1").out());
        assertThat(room.path("state").textValue()).isEqualTo("in_use");
        assertThat(room.path("edges_in_all").intValue()).isEqualTo(2);
        assertThat(room.path("edges")).singleElement().hasToString(
                "{\"edge\":\"edge-1\",\"incarnation\":2,\"users\":1,\"connections\":2,\"who\":[\"ann\"]}");
        assertThat(room.path("cursors").toString()).isEqualTo("[{\"user\":\"ann\",\"seq\":5}]");
        assertThat(room.path("waiting").path(0).path("waits_for").toString()).isEqualTo("[\"ann\"]");
    }

    @Test
    void aRoomOrUserThatThereIsNotIsSaidToBeNone() {
        var room = LOG.run("room", "nowhere", "--tenant", "acme");
        assertThat(room.code()).isEqualTo(1);
        assertThat(room.err()).contains("there is no room acme/nowhere in partition ", "--tenant");
        var user = LOG.run("user", "nobody");
        assertThat(user.code()).isEqualTo(1);
        assertThat(user.err()).contains("routers do not know the user default/nobody");
    }

    @Test
    void aUserIsShownInAllRooms() throws Exception {
        writeRoom(new RoomId("acme", "one"));
        writeRoom(new RoomId("acme", "two"));

        var user = Json.MAPPER.readTree(LOG.run("user", "ann", "--tenant", "acme", "--json").out());
        assertThat(user.path("connections").intValue()).isEqualTo(2);
        assertThat(user.path("rooms")).extracting(room -> room.path("room").textValue() + " "
                + room.path("acknowledged").intValue() + " " + room.path("to_confirm").intValue())
                .containsExactly("one 5 1", "two 5 1");
        assertThat(LOG.run("user", "ben", "--tenant", "acme", "--limit", "1").out())
                .contains("user acme/ben: in 2 rooms with 1 connections", "edge-2", "1 more rooms are not shown");
    }

    @Test
    void lagSaysWhereNobodyReads() throws Exception {
        var groups = objects(LOG.run("lag", "--json").out());
        assertThat(groups).extracting(group -> group.path("group").textValue()).containsExactly("ctl.rejoin-router",
                "ctl.rejoin-history");
        assertThat(groups).allSatisfy(group -> {
            assertThat(group.path("members").intValue()).isZero();
            assertThat(group.path("partitions").intValue()).isEqualTo(3);
        });
        assertThat(LOG.run("lag", "--max", "1000000").code()).isEqualTo(1);
        assertThat(LOG.run("lag").code()).isZero();
        assertThat(LOG.run("lag", "--partitions").out().lines()).hasSize(7);
    }

    @Test
    void theDoctorNamesWhatIsMissingAndWhatToDo() throws Exception {
        var examined = LOG.run("doctor", "--json");
        var findings = objects(examined.out());
        assertThat(examined.code()).isEqualTo(1);
        assertThat(findings).extracting(each -> each.path("what").textValue() + " " + each.path("is").textValue())
                .contains("kafka weak", "topics ok", "copies weak", "ctl.rejoin-router wrong",
                        "ctl.rejoin-history wrong", "history wrong");
        assertThat(examined.out()).contains("EDGE_HISTORY_URL");
    }

    @Test
    void aTokenIsThatOfTheUserForATime() throws Exception {
        var made = LOG.run("token", "ann", "--tenant", "acme", "--room", "lobby", "--room", "team-*", "--for", "PT5M");
        var token = SignedJWT.parse(made.out().strip());
        assertThat(token.verify(new MACVerifier(SECRET))).isTrue();
        var claims = token.getJWTClaimsSet();
        assertThat(claims.getSubject()).isEqualTo("ann");
        assertThat(claims.getStringClaim("tenant")).isEqualTo("acme");
        assertThat(claims.getStringListClaim("rooms")).containsExactly("lobby", "team-*");
        assertThat(claims.getExpirationTime()).isBetween(Instant.now().plusSeconds(200),
                Instant.now().plusSeconds(400));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"tail nothing | no topic nothing", "tail deliveries | no topic deliveries",
            "tail state --room lobby | --room works only with",
            "room acme/ | ROOM: ", "room lobby --limit 0 | --limit must be from 1 to", "user ann --tenant a/b | USER: ",
            "tail events --last -1 | --last must be from 0 to", "tail events --room acme/ | --room: ",
            "lag --max -1 | --max must be at least 0", "token ann --for PT0S | --for must be more than 0",
            "topics | check or create",
            "dead-letters | list, show or replay", "topics create --partitions 0 | ROUTER_PARTITIONS",
            "nonsense | nonsense"})
    void aWrongCommandLineIsSaidAndEndsWith2(String line, String said) {
        var run = LOG.run(line.strip().split(" "));
        assertThat(run.err()).contains(said).contains("--help");
        assertThat(run.code()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short"})
    void withoutASecretThereIsNoToken(String secret) {
        try (var without = new TestLog(Servers.broker().bootstrapServers(), Map.of("EDGE_JWT_SECRET", secret))) {
            var made = without.run("token", "ann");
            assertThat(made.code()).isEqualTo(2);
            assertThat(made.err()).contains("EDGE_JWT_SECRET must be set");
            assertThat(made.out()).isEmpty();
        }
    }

    private static List<JsonNode> objects(String out) throws IOException {
        try (var values = Json.MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(out)) {
            return values.readAll();
        }
    }
}
