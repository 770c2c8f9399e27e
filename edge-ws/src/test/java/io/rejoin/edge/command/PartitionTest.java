package io.rejoin.edge.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Topics;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any Kafka client finds a room: its partition is that of Kafka's own partitioner for the room's key. */
class PartitionTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "abc", "abcd", "lobby", "ünïcode", "日本", "👩‍🚀 crew", "@ben"})
    void aRoomHasThePartitionThatKafkaGivesItsKey(String name) {
        assertSamePartition(new RoomId("default", name));
    }

    @Test
    void aRoomWithARandomNameHasThePartitionOfItsKey() {
        var random = new Random(1);
        for (var n = 0; n < 10_000; n++) {
            var name = random.ints(1 + random.nextInt(40), '!', '~').filter(letter -> letter != '/')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
            if (!name.isEmpty()) assertSamePartition(new RoomId("tenant" + n % 3, name));
        }
    }

    private static void assertSamePartition(RoomId room) {
        for (var partitions : new int[]{1, 3, 6, 12, 1_000}) {
            assertThat(Topics.partition(room, partitions)).as("%s of %d", room, partitions)
                    .isEqualTo(BuiltInPartitioner.partitionForKey(room.key().getBytes(UTF_8), partitions));
        }
    }
}
