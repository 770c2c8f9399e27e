package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.log.CommandRecord.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that an unusable command of a JSON record does not affect the other commands. */
class CommandRecordTest {
    private static final String FIRST = lost("a");
    private static final String LAST = lost("z");
    private static final Command.EdgeLost A = new Command.EdgeLost("a", 1);
    private static final Command.EdgeLost Z = new Command.EdgeLost("z", 1);
    private static final String POST = "{\"type\":\"post\",\"room\":\"t/r\",\"user\":\"t/u\",\"connection\":\"c\","
            + "\"edge\":{\"edge\":\"e\",\"incarnation\":1,\"partition\":0},\"content\":{%s}}";

    static List<String> unusable() {
        return List.of("null", "7", "\"text\"", "[]", "{}", "nonsense", "{\"type\":\"dance\",\"room\":\"t/r\"}",
                "{\"type\":\"edge_lost\"}", "{\"type\":\"edge_lost\",\"edge\":null,\"incarnation\":1}",
                "{\"type\":\"edge_lost\",\"edge\":\"e\",\"incarnation\":1e99}",
                "{\"type\":\"edge_lost\",\"edge\":\"e\",\"incarnation\":1e400}",
                "{\"type\":\"edge_lost\",\"edge\":\"" + "x".repeat(129) + "\",\"incarnation\":1}",
                "{\"type\":\"edge_lost\",\"edge\":\"\\ud800\\q]},{\\\"\",\"incarnation\":1}",
                "{\"type\":\"leave\",\"room\":\"no tenant\",\"connection\":\"c\"}",
                "{\"type\":7,\"edge\":\"e\",\"incarnation\":1}", "[[{\"a\":[\"}]\"]}]]",
                POST.formatted("\"data\":" + "[".repeat(5_000) + "]".repeat(5_000)),
                POST.formatted("\"data\":" + "9".repeat(2_000)), POST.formatted("\"text\":\"a\u0001b\""),
                POST.formatted("\"" + "n".repeat(60_000) + "\":1"), "{\"type\" \"dance\"}", "{\"type\":\"post\",}");
    }

    @ParameterizedTest
    @MethodSource("unusable")
    void theOthersAreReadWhateverOneIs(String unusable) throws Exception {
        var value = bytes("{\"v\":1,\"commands\":[" + FIRST + ", " + unusable + " ," + LAST + "],\"new\":[{}]}");

        var items = LogCodec.commandRecord(value).items();

        assertThat(items).hasSize(3);
        assertThat(items.getFirst()).isEqualTo(new Item.Usable(A));
        assertThat(items.get(1)).isInstanceOfSatisfying(Item.Unusable.class,
                item -> assertThat(item.reason()).isNotBlank().hasSizeLessThan(400));
        assertThat(items.getLast()).isEqualTo(new Item.Usable(Z));
        assertThat(new String(LogCodec.only(value, List.of(1)), UTF_8))
                .isEqualTo("{\"v\":1,\"commands\":[" + unusable + "],\"new\":[{}]}");
        assertThat(LogCodec.commands(LogCodec.only(value, List.of(0, 2)))).containsExactly(A, Z);
    }

    @Test
    void bytesThatAreNoTextCostTheOthersNothing() throws Exception {
        var value = ("{\"v\":1,\"commands\":[" + FIRST + ",{\"type\":\"\u00ff\u00c0\"}," + LAST + "]}")
                .getBytes(ISO_8859_1);

        assertThat(LogCodec.commandRecord(value).items()).element(2).isEqualTo(new Item.Usable(Z));
        assertThat(LogCodec.only(value, List.of(1))).isEqualTo(
                "{\"v\":1,\"commands\":[{\"type\":\"\u00ff\u00c0\"}]}".getBytes(ISO_8859_1));
    }

    @Test
    void ofAKeyThatStandsTwiceInACommandTheSameCountsAsInAWholeRecord() throws Exception {
        var twice = "{\"type\":\"edge_lost\",\"type\":\"leave\",\"edge\":\"a\",\"edge\":\"z\",\"incarnation\":1}";
        var alone = LogCodec.commandRecord(bytes("{\"v\":1,\"commands\":[" + twice + "]}")).items();

        var beside = LogCodec.commandRecord(bytes("{\"v\":1,\"commands\":[" + twice + ",null]}")).items();

        assertThat(beside.getFirst()).isEqualTo(alone.getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"v\":1}", "{\"v\":4,\"commands\":[]}",
            "{\"v\":4,\"commands\":[null]}", "{\"commands\":[null]}", "{\"v\":1,\"commands\":[null]",
            "{\"v\":1,\"commands\":[null",
            "{\"v\":1,\"commands\":[null]}}", "{\"v\":1,\"commands\":[null]} {}", "{\"v\":1,\"commands\":null}",
            "{\"v\":1,\"commands\":{\"0\":null}}", "{\"v\":1,\"commands\":[null],\"commands\":[]}",
            "{\"v\":1,\"commands\":[null],\"comm\\u0061nds\":[{\"type\":\"edge_lost\",\"edge\":\"e\",\"incarnation\":1}]}",
            "{\"v\":1,\"commands\":[null,]}", "{\"v\":1,\"commands\":[,null]}", "{\"v\":1,\"commands\":[{\"a\":1]}]}",
            "{\"v\":1,\"commands\":[{\\\"a\\\":1}]}", "{\"v\":1,\"commands\":[null}]",
            "{\"v\":1,\"x\":nope,\"commands\":[null]}",
            "{\"v\":1,\"commands\":[{\"type\":\"edge_lost}]}"})
    void whereNobodyCanSayWhereACommandEndsTheRecordIsMalformed(String value) {
        assertThatThrownBy(() -> LogCodec.commandRecord(bytes(value))).isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void aRecordThatIsCutOffAnywhereIsMalformed() throws Exception {
        var value = bytes("{\"v\":1,\"commands\":[" + FIRST + ",null," + LAST + "]}");
        for (var length = 0; length < value.length; length++) {
            var cut = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> LogCodec.commandRecord(cut)).isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void moreThanAnyEdgeWritesIsNotTakenApart() {
        var many = "{\"v\":1,\"commands\":[" + "1,".repeat(JsonArrayScanner.MAX) + "1]}";

        assertThatThrownBy(() -> LogCodec.commandRecord(bytes(many))).isInstanceOf(MalformedRecordException.class);
    }

    /** A random change of one byte affects at most one command, or makes the whole record malformed. */
    @Test
    void anyByteMayBeAnyOther() {
        var random = new Random(7);
        var names = IntStream.range(0, 20).mapToObj(n -> "edge" + n).toList();
        var value = bytes(
                "{\"v\":1,\"commands\":[" + String.join(",", names.stream().map(CommandRecordTest::lost).toList())
                        + "]}");
        var whole = names.stream().<Item>map(name -> new Item.Usable(new Command.EdgeLost(name, 1))).toList();
        var apart = 0;
        for (var n = 0; n < 20_000; n++) {
            var changed = value.clone();
            changed[random.nextInt(value.length)] = (byte) random.nextInt(256);
            var items = itemsOf(changed);
            if (items.isEmpty()) continue;
            var same = IntStream.range(0, Math.min(20, items.size())).filter(i -> items.get(i).equals(whole.get(i)))
                    .count();
            assertThat(same).isGreaterThanOrEqualTo(19);
            apart++;
        }
        assertThat(apart).isGreaterThan(10_000);
    }

    private static List<Item> itemsOf(byte[] value) {
        try {
            return LogCodec.commandRecord(value).items();
        } catch (MalformedRecordException _) {
            return List.of();
        }
    }

    @Test
    void whatIsReadTogetherIsReadTheSameApart() throws Exception {
        var lost = IntStream.range(0, 50).mapToObj(n -> lost("edge" + n)).toList();
        var together = LogCodec.commandRecord(bytes("{\"v\":1,\"commands\":[" + String.join(",", lost) + "]}"));

        var apart = LogCodec.commandRecord(bytes("{\"v\":1,\"commands\":[" + String.join(",", lost) + ",null]}"));

        var items = new ArrayList<>(apart.items());
        assertThat(items.removeLast()).isInstanceOf(Item.Unusable.class);
        assertThat(items).isEqualTo(together.items());
    }

    private static String lost(String edge) {
        return "{\"type\":\"edge_lost\",\"edge\":\"" + edge + "\",\"incarnation\":1}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
