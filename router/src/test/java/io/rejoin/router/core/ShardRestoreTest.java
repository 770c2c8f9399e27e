package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.CommandBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A shard restored from its checkpoints continues like one that never stopped. */
class ShardRestoreTest {
    private static final int RECORDS = 1_500;
    private static final RedeliverySchedule SCHEDULE = new RedeliverySchedule(Duration.ofMillis(50));

    private record AppliedRecord(long offset, long ts, CommandBatch batch) {}

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aRestoredShardGivesTheSameOutputs(int seed) {
        var random = new Random(seed);
        var unrestarted = new Shard(0);
        var restarted = new Shard(0);
        var topic = new TestStateTopic();
        var sinceCheckpoint = new ArrayList<AppliedRecord>();
        var newestVersion = 2 + seed % 2;
        var newEdgesAt = random.nextInt(2 * RECORDS); // some shards never see a new edge
        long ts = 1_000;
        for (var offset = 0; offset < RECORDS; offset++) {
            // sometimes half a day or two days pass, and the broker's clock may step back
            ts += switch (random.nextInt(300)) {
                case 0 -> DuplicateWindow.AGE_MS / 2;
                case 1 -> 2 * DuplicateWindow.AGE_MS;
                default -> random.nextInt(-5, 50);
            };
            var commands = new ArrayList<>(RandomCommands.record(random));
            var due = unrestarted.due(SCHEDULE, ts - 500, ts);
            assertThat(restarted.due(SCHEDULE, ts - 500, ts)).isEqualTo(due);
            commands.addAll(due.expiries());
            var forgettable = unrestarted.forgettable(Duration.ofDays(1), ts);
            assertThat(restarted.forgettable(Duration.ofDays(1), ts)).isEqualTo(forgettable);
            commands.addAll(random.nextInt(commands.size() + 1), forgettable);
            var batch = new CommandBatch(offset >= newEdgesAt && random.nextBoolean() ? newestVersion : 1, commands);
            sinceCheckpoint.add(new AppliedRecord(offset, ts, batch));
            assertThat(restarted.apply(offset, ts, batch)).isEqualTo(unrestarted.apply(offset, ts, batch));
            assertThat(restarted.lastDeliveries()).isEqualTo(unrestarted.lastDeliveries());
            if (random.nextInt(20) == 0) {
                restarted.takeChanges().forEach(topic::append);
                sinceCheckpoint.clear();
            }
            if (random.nextInt(60) == 0) topic.compact(random);
            if (random.nextInt(30) == 0) restarted = restore(topic, sinceCheckpoint);
        }
    }

    @Test
    void aCursorWithoutItsRoomIsCorruptState() {
        var room = new RoomId("default", "lobby");
        var cursor = new StateEntry.OfCursor(room, new UserId("default", "ann"), 1);
        var roomEntry = new StateEntry.OfRoom(room, new StateEntry.Progress(100, 1, 2, 0));

        assertThat(Shard.restore(0, Stream.of(cursor, roomEntry)).rules()).isEqualTo(1);
        assertThatThrownBy(() -> Shard.restore(0, Stream.of(cursor))).isInstanceOf(CorruptStateException.class);
        assertThatThrownBy(
                () -> Shard.restore(0, Stream.of(roomEntry, cursor, new StateEntry.OfRoom(room, null))))
                .isInstanceOf(CorruptStateException.class);
    }

    private static Shard restore(TestStateTopic topic, List<AppliedRecord> sinceCheckpoint) {
        var shard = Shard.restore(0, topic.read());
        for (var record : sinceCheckpoint) {
            var _ = shard.apply(record.offset(), record.ts(), record.batch());
        }
        return shard;
    }
}
