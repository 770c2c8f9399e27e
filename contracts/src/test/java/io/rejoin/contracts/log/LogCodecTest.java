package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogCodecTest {
    private static final RoomId ROOM = new RoomId("default", "a/b ü");
    private static final UserId ANN = new UserId("default", "ann");
    private static final ConnectionId CONNECTION = new ConnectionId("c1");
    private static final EdgeRef EDGE = new EdgeRef("e1", 2, 3);
    private static final Content DATA = Content.data(new JsonText("{\"x\":1}"));

    @Test
    void commandsComeBackAsTheyWere() throws Exception {
        var commands = List.<Command>of(new Command.Join(ROOM, ANN, CONNECTION, EDGE, 7),
                new Command.Leave(ROOM, CONNECTION, EDGE), new Command.Post(ROOM, ANN, CONNECTION, EDGE, "id", DATA),
                new Command.Post(ROOM, ANN, CONNECTION, EDGE, null, Content.text("hi")),
                new Command.Post(ROOM, ANN, CONNECTION, EDGE, null, Content.data(JsonText.NULL)),
                new Command.Post(RoomId.personal(ANN), ANN, CONNECTION, EDGE, "id", DATA, 1_000L),
                new Command.Post(ROOM, ANN, CONNECTION, EDGE, "id", DATA, null, Long.MIN_VALUE),
                new Command.Acknowledge(ROOM, ANN, CONNECTION, EDGE, 5L, 7),
                new Command.Acknowledge(ROOM, ANN, CONNECTION, EDGE, null, 7, 9L), new Command.Expire(ROOM, 5, 7),
                new Command.ListMembers(ROOM, CONNECTION, EDGE, 8), new Command.EdgeLost("e1", 2));

        assertThat(LogCodec.commands(LogCodec.commands(commands))).isEqualTo(commands);
    }

    @Test
    void aRecordOfCommandsSaysItsVersion() throws Exception {
        var commands = List.<Command>of(new Command.EdgeLost("e1", 2));

        for (var version : List.of(1, 2, 3, LogCodec.COMMANDS_VERSION)) {
            assertThat(LogCodec.commandBatch(LogCodec.commands(version, commands)))
                    .isEqualTo(new CommandBatch(version, commands));
        }
    }

    @Test
    void heartbeatsComeBackAsTheyWere() throws Exception {
        var heartbeat = new EdgeHeartbeat(EDGE, "localhost:8080", 12);

        assertThat(LogCodec.heartbeat(LogCodec.heartbeat(heartbeat))).isEqualTo(heartbeat);
        var drained = new EdgeHeartbeat(EDGE, "localhost:8080", 0, EdgeHeartbeat.DRAINED);
        assertThat(LogCodec.heartbeat(LogCodec.heartbeat(drained))).isEqualTo(drained);
    }

    @Test
    void ordersComeBackAsTheyWere() throws Exception {
        var order = new EdgeOrder("e", EdgeOrder.Action.DRAIN);

        assertThat(LogCodec.order(LogCodec.order(order))).isEqualTo(order);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{}", "{\"v\":1}", "{\"v\":4,\"commands\":[]}", "\u0000\u0001",
            "{\"v\":1,\"commands\":[{\"type\":\"nope\"}]}", "{\"v\":1,\"commands\":[{\"type\":\"edge_lost\"}]}",
            "{\"v\":1,\"commands\":[{\"type\":\"edge_lost\",\"edge\":null,\"incarnation\":1}]}",
            "{\"v\":1,\"commands\":[null]}",
            "{\"v\":1,\"commands\":[{\"type\":\"leave\",\"room\":\"noslash\",\"connection\":\"c\"}]}"})
    void hostileBytesAreMalformedAndNothingElse(String value) {
        assertThatThrownBy(() -> LogCodec.commands(value.getBytes(UTF_8))).isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void idsThatWouldSwellTheStateOfAShardAreMalformed() {
        var edgeLost = "{\"v\":1,\"commands\":[{\"type\":\"edge_lost\",\"edge\":\"%s\",\"incarnation\":1}]}";
        var post = "{\"v\":1,\"commands\":[{\"type\":\"post\",\"room\":\"t/r\",\"user\":\"t/u\",\"connection\":\"c\","
                + "\"edge\":{\"edge\":\"e\",\"incarnation\":1,\"partition\":0},\"content\":{\"text\":\"\"},\"id\":\"%s\"}]}";

        for (var command : List.of(edgeLost, post)) {
            assertThatCode(() -> LogCodec.commands(command.formatted("x".repeat(128)).getBytes(UTF_8)))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> LogCodec.commands(command.formatted("x".repeat(129)).getBytes(UTF_8)))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void fieldsOfALaterVersionAreIgnored() throws Exception {
        var json = "{\"v\":1,\"new\":1,\"commands\":[{\"type\":\"edge_lost\",\"edge\":\"e\",\"incarnation\":1,\"new\":[]}]}";

        assertThat(LogCodec.commands(json.getBytes(UTF_8))).containsExactly(new Command.EdgeLost("e", 1));
    }
}
