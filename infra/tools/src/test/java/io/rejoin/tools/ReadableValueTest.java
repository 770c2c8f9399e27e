package io.rejoin.tools;

import static io.rejoin.tools.Samples.ANN;
import static io.rejoin.tools.Samples.CONNECTION;
import static io.rejoin.tools.Samples.EDGE;
import static io.rejoin.tools.Samples.LOBBY;
import static io.rejoin.tools.Samples.POST;
import static io.rejoin.tools.Samples.commands;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadableValueTest {
    @Test
    void commandsLookAsTheyDidInJson() {
        var some = List.<Command>of(POST, new Command.Join(LOBBY, ANN, CONNECTION, EDGE, 7),
                new Command.EdgeLost("edge-1", 17), new Command.Post(LOBBY, ANN, CONNECTION, EDGE, null,
                        Content.data(new JsonText("[1.50,1e400]"))));

        assertThat(shown(LogCodec.commands(some)))
                .isEqualTo(text(LogCodec.commands(3, some)).replace("{\"v\":3,", "{\"v\":4,"));
    }

    @Test
    void aCommandThatCannotBeReadStandsThereWithTheReason() {
        var value = commands(new Command.EdgeLost("a", 1), new Command.EdgeLost("b", 2));
        value[4] = 99; // the kind of the first command

        assertThat(shown(value)).isEqualTo("{\"v\":4,\"commands\":["
                + "{\"unusable\":\"a command of kind 99 is unknown here\"},"
                + "{\"type\":\"edge_lost\",\"edge\":\"b\",\"incarnation\":2}]}");
    }

    @Test
    void deliveriesAreJsonToo() {
        var batch = new DeliveryBatch("edge-1", 17, List.of(
                new DeliveryBatch.Entry(new Source(3, 4, 5), new Delivery.Message(LOBBY, 1, 2, ANN, "id",
                        Content.text("h\u00ef"), 9)),
                new DeliveryBatch.Entry(new Source(3, 4, 6), new Delivery.GivenUp(17))));
        var value = LogCodec.deliveries(batch);

        assertThat(shown(value)).isEqualTo("{\"v\":1,\"batch\":{\"edge\":\"edge-1\",\"incarnation\":17,\"entries\":["
                + "{\"source\":\"3:4:5\",\"delivery\":{\"type\":\"message\",\"room\":\"default/lobby\",\"epoch\":1,"
                + "\"seq\":2,\"user\":\"default/ann\",\"id\":\"id\",\"content\":{\"text\":\"h\u00ef\"},\"ts\":9}},"
                + "{\"source\":\"3:4:6\",\"delivery\":{\"type\":\"given_up\",\"incarnation\":17}}]}}");
        value[value.length - 2] = 7; // the kind of another delivery
        assertThat(shown(value)).contains("{\"source\":\"3:4:6\",\"type\":\"redeliver\",\"unusable\":\"");
    }

    @Test
    void everythingElseStaysAsItIs() {
        for (var value : List.of("{\"v\":3,\"commands\":[]}", "", "\n{}", "\u0004", "\u0004\u0000", "\u0001\u0002",
                "text"))
            assertThat(shown(value.getBytes(UTF_8))).isEqualTo(value);
        assertThat(ReadableValue.of(new byte[]{-1, 4})).containsExactly(-1, 4);
        assertThat(ReadableValue.of(null)).isNull();
    }

    private static String shown(byte[] value) {
        return text(ReadableValue.of(value));
    }

    private static String text(byte @Nullable [] value) {
        return value == null ? "(none)" : new String(value, UTF_8);
    }
}
