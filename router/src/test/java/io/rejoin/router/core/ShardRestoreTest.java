package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.log.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A shard that is restored from its checkpoints goes on as one that never stopped. */
class ShardRestoreTest {
    private static final int RECORDS = 1_500;
    private static final Redelivery SCHEDULE = new Redelivery(Duration.ofMillis(50));

    private record Taken(long offset, long ts, List<Command> commands) {}

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aRestoredShardDecidesAsTheOneThatNeverStopped(int seed) {
        var random = new Random(seed);
        var steady = new Shard(0);
        var restarted = new Shard(0);
        var topic = new HashMap<String, byte[]>();
        var sinceCheckpoint = new ArrayList<Taken>();
        long ts = 1_000;
        for (var offset = 0; offset < RECORDS; offset++) {
            // now and then most of a day passes, and a broker's clock may step back
            ts += random.nextInt(200) == 0 ? DuplicateWindow.AGE_MS / 2 : random.nextInt(-5, 50);
            var commands = new ArrayList<>(RandomCommands.record(random));
            var due = steady.due(SCHEDULE, ts - 500, ts);
            assertThat(restarted.due(SCHEDULE, ts - 500, ts)).isEqualTo(due);
            commands.addAll(due.expiries());
            sinceCheckpoint.add(new Taken(offset, ts, commands));
            assertThat(restarted.take(offset, ts, commands)).isEqualTo(steady.take(offset, ts, commands));
            if (random.nextInt(20) == 0) {
                restarted.takeChanges().forEach(entry -> write(topic, entry));
                sinceCheckpoint.clear();
            }
            if (random.nextInt(30) == 0) restarted = restore(topic, sinceCheckpoint);
        }
    }

    private static void write(Map<String, byte[]> topic, StateEntry entry) {
        var value = StateCodec.value(entry);
        if (value == null) topic.remove(StateCodec.key(entry));
        else
            topic.put(StateCodec.key(entry), value);
    }

    private static Shard restore(Map<String, byte[]> topic, Iterable<Taken> sinceCheckpoint) {
        var entries = topic.entrySet().stream().map(e -> StateCodec.entry(e.getKey().getBytes(UTF_8), e.getValue()));
        var shard = Shard.restore(0, entries);
        for (var record : sinceCheckpoint) {
            var _ = shard.take(record.offset(), record.ts(), record.commands());
        }
        return shard;
    }
}
