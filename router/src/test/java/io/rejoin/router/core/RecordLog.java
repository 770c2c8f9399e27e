package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Json;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Records the outputs of this version of the router for a command log, for the {@link RecordedLogTest} of all later
 * versions. Run it once, when a version with new commands is released; never again for the same folder.
 */
public final class RecordLog {
    private static final int RECORDS = 300;
    /** The state is recorded before the record at this offset. */
    private static final int STATE_AT = 200;

    /** From this offset on, new edges append as well as old ones. */
    private static final int NEW_EDGES_AT = 30;

    private RecordLog() {}

    /** Takes the output folder as its argument. */
    public static void main(String[] args) throws IOException {
        var random = new Random(4);
        var shard = new Shard(0);
        var topic = new TreeMap<String, String>();
        var commands = new ArrayList<Map<String, Object>>();
        var events = new ArrayList<Map<String, Object>>();
        long ts = 1_767_225_600_000L;
        for (var offset = 0; offset < RECORDS; offset++) {
            ts += random.nextInt(40) == 0 ? DuplicateWindow.AGE_MS / 3 : random.nextInt(-5, 500);
            if (random.nextInt(60) == 0) ts += 2 * DuplicateWindow.AGE_MS;
            var batchCommands = new ArrayList<>(RandomCommands.record(random));
            batchCommands.addAll(shard.due(new RedeliverySchedule(Duration.ofSeconds(5)), ts - 60_000, ts).expiries());
            batchCommands.addAll(shard.forgettable(Duration.ofDays(1), ts));
            var batch = new CommandBatch(offset >= NEW_EDGES_AT && random.nextInt(3) > 0 ? 2 : 1, batchCommands);
            var value = new String(LogCodec.commands(batch.version(), batchCommands), UTF_8);
            commands.add(Map.of("offset", offset, "ts", ts, "value", value));
            apply(shard, offset, ts, batch, events);
            if (offset < STATE_AT) checkpoint(shard, topic);
        }
        var folder = Files.createDirectories(Path.of(args[0]));
        write(folder.resolve("commands.jsonl"), commands);
        write(folder.resolve("events.jsonl"), events);
        write(folder.resolve("state-at-" + STATE_AT + ".jsonl"), topic.entrySet().stream()
                .map(entry -> Map.<String, Object>of("key", entry.getKey(), "value", entry.getValue())).toList());
    }

    private static void apply(Shard shard, long offset, long ts, CommandBatch batch,
            List<Map<String, Object>> events) {
        for (var output : shard.apply(offset, ts, batch)) {
            if (output instanceof Output.Fact fact) {
                events.add(new TreeMap<>(Map.of("headers",
                        new TreeMap<>(EventCodec.headers(fact.event(), fact.source())), "value",
                        new String(EventCodec.value(fact.event()), UTF_8))));
            }
        }
    }

    private static void checkpoint(Shard shard, Map<String, String> topic) {
        for (var entry : shard.takeChanges()) {
            var value = StateCodec.value(entry);
            if (value == null) topic.remove(StateCodec.key(entry));
            else
                topic.put(StateCodec.key(entry), new String(value, UTF_8));
        }
    }

    private static void write(Path file, List<? extends Map<String, Object>> lines) throws IOException {
        var text = new StringBuilder();
        for (var line : lines) text.append(Json.MAPPER.writeValueAsString(new TreeMap<>(line))).append('\n');
        Files.writeString(file, text);
    }
}
