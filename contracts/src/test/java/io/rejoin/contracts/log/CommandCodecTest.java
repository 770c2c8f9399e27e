package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.CommandRecord.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of command records of version 4. */
class CommandCodecTest {
    private static final RoomId ROOM = new RoomId("default", "r\u00fc");
    private static final UserId ANN = new UserId("default", "ann");
    private static final ConnectionId CONNECTION = new ConnectionId("c1");
    private static final EdgeRef EDGE = new EdgeRef("e1", 300, 2);
    private static final Content HI = Content.text("hi \ud83d\ude00");

    private static final List<Command> EACH = List.of(new Command.Join(ROOM, ANN, CONNECTION, EDGE, 7),
            new Command.Leave(ROOM, CONNECTION, new EdgeRef("e1", 301, 0)),
            new Command.Post(ROOM, new UserId("acme", "bob"), CONNECTION, EDGE, "id", HI, 1_000L, Long.MIN_VALUE),
            new Command.Post(ROOM, ANN, CONNECTION, EDGE, null, Content.data(new JsonText("[1.0]")), null, null),
            new Command.ListMembers(ROOM, CONNECTION, EDGE, 8),
            new Command.Acknowledge(ROOM, ANN, CONNECTION, EDGE, null, 42, 9L),
            new Command.Expire(ROOM, 1_767_225_600_000L, 3),
            new Command.Forget(ROOM, 5, -1, Command.MIN_SILENT_MS), new Command.EdgeLost("e1", 2));

    /** The bytes of one record, field by field. Never change them: topics contain such records. */
    private static final List<String> GOLDEN = List.of("04", "02", "036531ac0202" + "036531ad0200", "09",
            // join
            "17" + "01" + "0864656661756c74" + "0472c3bc" + "00" + "04616e6e" + "036331" + "00" + "07",
            // leave
            "11" + "02" + "0864656661756c74" + "0472c3bc" + "036331" + "01",
            // post
            "3e" + "03" + "0864656661756c74" + "0472c3bc" + "0561636d65" + "04626f62" + "036331" + "00" + "036964"
                    + "01e807" + "0180808080808080808001" + "01" + "11"
                    + "226869205c75443833445c7544453030" + "22",
            // post
            "20" + "03" + "0864656661756c74" + "0472c3bc" + "00" + "04616e6e" + "036331" + "00" + "00" + "00" + "00"
                    + "00" + "05" + "5b312e305d",
            // list_members
            "12" + "04" + "0864656661756c74" + "0472c3bc" + "036331" + "00" + "08",
            // acknowledge
            "1a" + "05" + "0864656661756c74" + "0472c3bc" + "00" + "04616e6e" + "036331" + "00" + "00" + "2a"
                    + "0109",
            // expire
            "14" + "06" + "0864656661756c74" + "0472c3bc" + "80d0eab6b733" + "03",
            // forget
            "1c" + "07" + "0864656661756c74" + "0472c3bc" + "05" + "ffffffffffffffffff01" + "80b89929",
            // edge_lost
            "05" + "08" + "036531" + "02");

    /** Index of the first command's length. */
    private static final int FIRST = 15;

    @Test
    void aRecordIsTheseBytes() throws Exception {
        var bytes = HexFormat.of().parseHex(String.join("", GOLDEN));

        assertThat(HexFormat.of().formatHex(LogCodec.commands(EACH))).isEqualTo(String.join("", GOLDEN));
        assertThat(LogCodec.commandBatch(bytes)).isEqualTo(new CommandBatch(4, EACH));
    }

    @Test
    void whateverIsWrittenComesBack() throws Exception {
        var records = new RandomRecords(1);
        var kinds = new HashSet<Class<?>>();
        for (var n = 0; n < 5_000; n++) {
            var commands = records.commands();
            commands.forEach(command -> kinds.add(command.getClass()));
            var value = LogCodec.commands(commands);

            assertThat(LogCodec.commandBatch(value)).isEqualTo(new CommandBatch(LogCodec.COMMANDS_VERSION, commands));
        }
        assertThat(kinds).hasSize(8);
    }

    /** A partition may hold records of all versions. Each version must give the same commands. */
    @Test
    void everyVersionSaysTheSame() throws Exception {
        var records = new RandomRecords(2);
        for (var n = 0; n < 500; n++) {
            var commands = records.commands();
            for (var version = 1; version <= LogCodec.COMMANDS_VERSION; version++) {
                var value = LogCodec.commands(version, commands);
                assertThat(value[0]).isEqualTo((byte) (version < 4 ? '{' : 4));
                assertThat(LogCodec.commandBatch(value)).isEqualTo(new CommandBatch(version, commands));
            }
        }
    }

    @Test
    void anEdgeStandsOnceInARecord() {
        var one = LogCodec.commands(List.of(EACH.getFirst())).length;
        var two = LogCodec.commands(List.of(EACH.getFirst(), EACH.getFirst())).length;

        assertThat(two - one).isEqualTo(0x17 + 1);
    }

    @Test
    void aPostIsHardlyLargerThanWhatItSays() {
        var post = new Command.Post(new RoomId("default", "lobby"), ANN, new ConnectionId("x".repeat(16)), EDGE, "id-1",
                Content.text("x".repeat(100)), null, 1L << 62);
        assertThat(LogCodec.commands(List.of(post)).length).isLessThan(100 + 70);
    }

    @Test
    void anIdThatIsNoUnicodeBecomesOneThatIs() throws Exception {
        var post = new Command.Post(ROOM, ANN, CONNECTION, EDGE, "\ud800", HI);

        assertThat(LogCodec.commands(LogCodec.commands(List.of(post))))
                .containsExactly(new Command.Post(ROOM, ANN, CONNECTION, EDGE, "?", HI));
    }

    @ParameterizedTest
    @CsvSource({"00, version 0", "01, version 1 is JSON", "03, version 3 is JSON",
            "05, version 5 is unknown here (up to 4)",
            "1f, version 31 is unknown here (up to 4)", "04, edges is cut off", "0400, commands is cut off",
            "040001, commands is cut off", "04000000, has 1 bytes too many", "0401, edges is cut off",
            "0401036531, edge's incarnation is cut off", "0401036531ac02, edge's partition is cut off",
            "04010365310002, incarnation < 1", "040103653101ffffffff7f, edge's partition is out of range",
            "040103ffff010000, edge's id is not UTF-8", "0401000101, edge's id is missing",
            "040001ffffffffffffffffffff01, more than 64 bits", "040001ffffffffffffffffff7f, more than 64 bits",
            "04ffffffffffffffffff01, edges is cut off", "0400017f00, command 0 is cut off",
            "04ff7f, edges is cut off"})
    void whatIsWrongWithARecordIsSaid(String hex, String because) {
        assertThatThrownBy(() -> LogCodec.commandRecord(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedRecordException.class).hasMessageContaining(because);
    }

    @Test
    void jsonOfALaterVersionIsMalformed() {
        for (var version : new int[]{4, 5}) {
            assertThatThrownBy(() -> LogCodec.commands(("{\"v\":" + version + ",\"commands\":[]}").getBytes(UTF_8)))
                    .isInstanceOf(MalformedRecordException.class).hasMessageContaining("version " + version);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', kind of command is cut off", "00, kind 0 is unknown", "09, kind 9 is unknown",
            "ff, kind 255 is unknown", "02, room's tenant is cut off", "0200, room's tenant is missing",
            "02010272, a tenant must have 1 to 64", "02022f027202630100, a tenant may have only",
            "0803653101ff, has 1 bytes too many",
            "08036531, incarnation is cut off", "0800, edge's id is missing", "0802ff01, edge's id is not UTF-8",
            "080465ff, edge's id is cut off", "02027402720263" + "01, the command refers to edge 1 of 1",
            "02027402720263" + "ffffffffffffffffff01, the command refers to edge -1 of 1",
            "02027402720263" + "0000, has 1 bytes too many",
            "03027402720002750263" + "00" + "00" + "0100" + "00" + "01" + "022222, confirmWithinMs is out of range",
            "03027402720002750263" + "00" + "00" + "02" + "00" + "01" + "022222, must be 0 or 1",
            "03027402720002750263" + "00" + "00" + "00" + "00" + "02" + "022222, must be 0 or 1",
            "03027402720002750263" + "00" + "00" + "00" + "00" + "01" + "0131, the text is not a JSON string",
            "03027402720002750263" + "00" + "00" + "00" + "00" + "00" + "0131" + "00, has 1 bytes too many",
            "03027402720002750263" + "00" + "00" + "00" + "00" + "00" + "00, the JSON is broken at byte 0",
            "03027402720002750263" + "00" + "00" + "00" + "00" + "00" + "0331, content is cut off",
            "0702740272000001, silentMs is out of range"})
    void oneThatCannotBeReadCostsNoOtherAndIsExplained(String hex, String because) throws Exception {
        var broken = HexFormat.of().parseHex(hex);
        var value = record(EACH.getFirst(), broken, EACH.getLast());

        var items = LogCodec.commandRecord(value).items();

        assertThat(items).hasSize(3);
        assertThat(items.getFirst()).isEqualTo(new Item.Usable(EACH.getFirst()));
        assertThat(items.get(1)).isInstanceOfSatisfying(Item.Unusable.class,
                item -> assertThat(item.reason()).contains(because).hasSizeLessThan(200));
        assertThat(items.getLast()).isEqualTo(new Item.Usable(EACH.getLast()));
        assertThatThrownBy(() -> LogCodec.commands(value)).isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining(because);
        assertThat(LogCodec.only(value, List.of(0, 2))).isEqualTo(record(EACH.getFirst(), EACH.getLast()));
        assertThat(LogCodec.only(value, List.of(1))).isEqualTo(record(broken));
        assertThat(LogCodec.only(value, List.of(0, 1, 2))).isEqualTo(value);
    }

    /** Builds a record with {@link #EDGE}, from commands and from raw bytes of commands. */
    private static byte[] record(Object... commands) {
        var to = new BinaryWriter(16);
        to.put(HexFormat.of().parseHex("0401036531ac0202"), 0, 8);
        to.number(commands.length);
        for (var command : commands) {
            var bytes = command instanceof byte[] raw ? raw : bytes((Command) command);
            to.number(bytes.length);
            to.put(bytes, 0, bytes.length);
        }
        return to.bytes();
    }

    private static byte[] bytes(Command command) {
        return switch (command) {
            case Command.Join _ -> HexFormat.of().parseHex(GOLDEN.get(4).substring(2));
            default -> HexFormat.of().parseHex(GOLDEN.getLast().substring(2));
        };
    }

    @Test
    void aRecordThatIsCutOffAnywhereIsMalformed() {
        var value = LogCodec.commands(EACH);
        for (var length = 0; length < value.length; length++) {
            var cut = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> LogCodec.commandRecord(cut)).isInstanceOf(MalformedRecordException.class);
        }
    }

    /** A changed byte affects at most one command, unless it is part of a length, the version or an edge. */
    @Test
    void anyByteMayBeAnyOther() {
        var value = LogCodec.commands(EACH);
        var lengths = new HashSet<Integer>();
        var next = FIRST;
        for (var command : GOLDEN.subList(4, GOLDEN.size())) {
            lengths.add(next);
            next += command.length() / 2;
        }
        var readable = 0;
        for (var at = 0; at < value.length; at++) {
            for (var by = 0; by < 256; by++) {
                var changed = value.clone();
                changed[at] = (byte) by;
                var items = itemsOf(changed);
                if (items.isEmpty()) continue;
                readable++;
                if (at > FIRST && !lengths.contains(at))
                    assertThat(same(items)).isGreaterThanOrEqualTo(EACH.size() - 1);
            }
        }
        assertThat(readable).isGreaterThan(value.length * 200);
    }

    private static long same(List<Item> items) {
        return IntStream.range(0, Math.min(items.size(), EACH.size()))
                .filter(i -> items.get(i).equals(new Item.Usable(EACH.get(i)))).count();
    }

    @Test
    void bytesAtRandomAreCommandsOrMalformed() {
        var random = new Random(3);
        for (var n = 0; n < 100_000; n++) {
            var bytes = new byte[1 + random.nextInt(60)];
            random.nextBytes(bytes);
            bytes[0] = 4;
            if (random.nextBoolean() && bytes.length > 2) bytes[1] = 0;
            var _ = itemsOf(bytes);
        }
        var records = new RandomRecords(4);
        for (var n = 0; n < 20_000; n++) {
            var bytes = LogCodec.commands(records.commands());
            for (var times = random.nextInt(4); times > 0; times--)
                bytes[1 + random.nextInt(bytes.length - 1)] = (byte) random.nextInt(256);
            var _ = itemsOf(bytes);
        }
    }

    private static List<Item> itemsOf(byte[] value) {
        try {
            return LogCodec.commandRecord(value).items();
        } catch (MalformedRecordException _) {
            return List.of();
        }
    }

    @Test
    void moreThanAnyEdgeWritesIsNeitherReadNorWritten() throws Exception {
        var most = Collections.nCopies(JsonArrayScanner.MAX, EACH.getLast());
        var value = LogCodec.commands(most);
        assertThat(LogCodec.commands(value)).isEqualTo(most);

        var one = new ArrayList<Command>(most);
        one.add(EACH.getLast());
        assertThatThrownBy(() -> LogCodec.commands(one)).isInstanceOf(IllegalArgumentException.class);
        var head = new BinaryWriter(16);
        head.put(4);
        head.number(0);
        head.number(JsonArrayScanner.MAX + 1);
        var many = Arrays.copyOf(head.bytes(), value.length + 100);
        assertThatThrownBy(() -> LogCodec.commandRecord(many)).isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("more than 10000 commands");
    }

    /**
     * A router moves some commands of a record to the dead letters. Any selection of commands must be a valid record.
     */
    @Test
    void someOfItsCommandsAreARecordAgain() throws Exception {
        var random = new Random(6);
        var records = new RandomRecords(6);
        for (var n = 0; n < 1_000; n++) {
            var commands = records.commands();
            var indexes = IntStream.range(0, commands.size()).filter(_ -> random.nextBoolean()).boxed().toList();

            assertThat(LogCodec.commands(LogCodec.only(LogCodec.commands(commands), indexes)))
                    .isEqualTo(indexes.stream().map(commands::get).toList());
        }
        assertThatThrownBy(() -> LogCodec.only("\u0004".getBytes(ISO_8859_1), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
