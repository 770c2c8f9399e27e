package io.rejoin.router.shard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandRecord.Item;
import io.rejoin.contracts.log.LogCodec;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class CommandReaderTest {
    private static final int PARTITIONS = 12;
    private static final RoomId ROOM = new RoomId("default", "r");
    private static final int OWN_PARTITION = Topics.partition(ROOM, PARTITIONS);
    private static final RoomId ROOM_OF_ANOTHER_PARTITION = IntStream.range(0, 100)
            .mapToObj(n -> new RoomId("default", "r" + n))
            .filter(room -> Topics.partition(room, PARTITIONS) != OWN_PARTITION).findFirst().orElseThrow();

    private final CommandReader reader = CommandReader.of(PARTITIONS);

    @Test
    void aCommandThatIsTooLargeAsJsonIsUnusableAlone() throws Exception {
        assertUnusable(post(ROOM, "\"text\":\"" + "x".repeat(CommandReader.MAX_COMMAND_BYTES) + "\""), "bytes");
    }

    @Test
    void aCommandWithInvalidUtf8IsUnusableAlone() throws Exception {
        var good = post(ROOM, "\"text\":\"good\"");
        var value = ("{\"v\":1,\"commands\":[" + good + "," + post(ROOM, "\"data\":[\"HALF\"]") + "]}").getBytes(UTF_8);
        var at = new String(value, UTF_8).indexOf("HALF");
        System.arraycopy(new byte[]{(byte) 0xed, (byte) 0xa0, (byte) 0x80, 'x'}, 0, value, at, 4);

        var items = reader.read(new ConsumerRecord<>(TopicNames.PLAIN.commands(), OWN_PARTITION, 7, new byte[0], value))
                .items();

        assertThat(items.getFirst()).isInstanceOf(Item.Usable.class);
        assertThat(items.getLast()).isInstanceOf(Item.Unusable.class);
    }

    @Test
    void aCommandThatIsNestedTooDeepIsUnusableAlone() throws Exception {
        assertUnusable(post(ROOM, "\"data\":" + "[".repeat(65) + "]".repeat(65)), "deeper");
        assertUnusable(post(ROOM, "\"data\":" + "{\"a\":".repeat(3_000) + "1" + "}".repeat(3_000)), "depth");
    }

    @Test
    void aCommandForARoomOfAnotherPartitionIsUnusable() throws Exception {
        assertUnusable(post(ROOM_OF_ANOTHER_PARTITION, "\"text\":\"a\""),
                "partition " + Topics.partition(ROOM_OF_ANOTHER_PARTITION, PARTITIONS) + " of 12, not to "
                        + OWN_PARTITION);
    }

    @Test
    void theSameLimitsApplyToBinaryRecords() throws Exception {
        var good = post(ROOM, Content.text("good"));
        var deep = "[".repeat(65) + "]".repeat(65);
        var unusable = Map.of(post(ROOM_OF_ANOTHER_PARTITION, Content.text("a")), "not to " + OWN_PARTITION,
                post(ROOM, Content.data(new JsonText(deep))), "deeper than 64",
                post(ROOM, Content.text("x".repeat(CommandReader.MAX_COMMAND_BYTES))), "bytes");
        for (var each : unusable.entrySet()) {
            var value = LogCodec.commands(List.of(good, each.getKey(), good));
            var items = reader.read(new ConsumerRecord<>("commands", OWN_PARTITION, 7, new byte[0], value)).items();

            assertThat(items).hasSize(3);
            assertThat(items.getFirst()).isEqualTo(new Item.Usable(good)).isEqualTo(items.getLast());
            assertThat(items.get(1)).isInstanceOfSatisfying(Item.Unusable.class,
                    item -> assertThat(item.reason()).contains(each.getValue()));
        }
        var notTooDeep = post(ROOM, Content.data(new JsonText(deep.substring(1, 129))));
        var value = LogCodec.commands(List.of(notTooDeep));
        assertThat(reader.read(new ConsumerRecord<>("commands", OWN_PARTITION, 7, new byte[0], value)).items())
                .containsExactly(new Item.Usable(notTooDeep));
    }

    private static Command post(RoomId room, Content content) {
        return new Command.Post(room, new UserId("default", "ann"), new ConnectionId("c"), new EdgeRef("edge", 1, 0),
                null, content);
    }

    @Test
    void aCommandOfAnUnknownTypeIsUnusableAlone() throws Exception {
        assertUnusable("{\"type\":\"dance\",\"room\":\"default/r\"}", "dance");
    }

    private void assertUnusable(String command, String reason) throws Exception {
        var good = post(ROOM, "\"text\":\"good\"");
        var items = read(good + "," + command + "," + good).items();
        assertThat(items).hasSize(3);
        assertThat(items.getFirst()).isInstanceOf(Item.Usable.class).isEqualTo(items.getLast());
        assertThat(items.get(1)).isInstanceOfSatisfying(Item.Unusable.class,
                item -> assertThat(item.reason()).contains(reason));
    }

    private io.rejoin.contracts.log.CommandRecord read(String commands) throws Exception {
        var value = ("{\"v\":1,\"commands\":[" + commands + "]}").getBytes(UTF_8);
        return reader.read(new ConsumerRecord<>(TopicNames.PLAIN.commands(), OWN_PARTITION, 7, new byte[0], value));
    }

    private static String post(RoomId room, String content) {
        return "{\"type\":\"post\",\"room\":\"" + room.key() + "\",\"user\":\"default/ann\",\"connection\":\"c\","
                + "\"edge\":{\"edge\":\"edge\",\"incarnation\":1,\"partition\":0},\"content\":{" + content + "}}";
    }
}
