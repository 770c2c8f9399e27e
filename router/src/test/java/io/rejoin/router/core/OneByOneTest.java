package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.LogCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Commands of a record applied one by one have the same effect as the whole record at once. A shard applies them one by
 * one to find a command that fails.
 */
class OneByOneTest {
    @Test
    void commandsOneByOneGiveTheSameOutputsAndState() {
        var random = new Random(11);
        var atOnce = new Shard(0);
        var oneByOne = new Shard(0);
        long ts = 1_767_225_600_000L;
        for (var offset = 0; offset < 2_000; offset++) {
            ts += random.nextInt(-5, 60_000);
            var record = new ArrayList<Command>();
            for (var n = random.nextInt(4); n >= 0; n--) record.addAll(RandomCommands.record(random));
            var version = 1 + random.nextInt(LogCodec.COMMANDS_VERSION);
            var expected = atOnce.apply(offset, ts, new CommandBatch(version, record));
            var actual = new ArrayList<Output>();
            for (var command : record)
                actual.addAll(oneByOne.apply(offset, ts, new CommandBatch(version, List.of(command)), actual.size()));

            assertThat(actual).isEqualTo(expected);
        }
        assertThat(oneByOne.takeChanges()).containsExactlyInAnyOrderElementsOf(atOnce.takeChanges());
    }
}
