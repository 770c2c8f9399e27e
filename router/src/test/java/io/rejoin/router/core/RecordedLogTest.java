package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * This version decides as earlier ones did: a command log recorded by an earlier version gives the same bytes of
 * events. So routers of two versions may run together and take over from each other. The log must hold no command
 * unknown to the older one. A change that breaks this test breaks a rolling upgrade. Make the change a new command, or
 * a new field of one.
 */
class RecordedLogTest {
    private static final int STATE_AT = 200;

    /**
     * v1: joins, leaves, posts, lists, lost edges. v2: also acknowledgements, confirmations, expiries, personal rooms.
     * v3: also new edges, rooms that are removed or forgotten.
     */
    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2", "v3"})
    void aRecordedLogGivesTheSameBytesOfEvents(String version) throws Exception {
        assertThat(replay(new Shard(0), lines(version, "commands.jsonl")))
                .containsExactlyElementsOf(lines(version, "events.jsonl"));
    }

    /** Record versions after 2 do not change the events. */
    @Test
    void binaryRecordsGiveTheSameBytesOfEvents() throws Exception {
        var shard = new Shard(0);
        var events = new ArrayList<JsonNode>();
        for (var line : lines("v3", "commands.jsonl")) {
            var json = LogCodec.commandBatch(line.get("value").textValue().getBytes(UTF_8));
            var version = json.version() < 2 ? json.version() : 4;
            var batch = LogCodec.commandBatch(LogCodec.commands(version, json.commands()));
            events.addAll(apply(shard, line, batch));
        }
        assertThat(events).containsExactlyElementsOf(lines("v3", "events.jsonl"));
        assertThat(shard.rules()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2", "v3"})
    void aRecordedStateContinuesWithTheSameBytesOfEvents(String version) throws Exception {
        var state = lines(version, "state-at-" + STATE_AT + ".jsonl").stream().map(line -> StateCodec
                .entry(line.get("key").textValue().getBytes(UTF_8), line.get("value").textValue().getBytes(UTF_8)));
        var commands = lines(version, "commands.jsonl").stream()
                .filter(line -> line.get("offset").longValue() >= STATE_AT).toList();
        var events = lines(version, "events.jsonl").stream()
                .filter(line -> Long.parseLong(line.at("/headers/ce_id").textValue().split(":", -1)[1]) >= STATE_AT);

        assertThat(replay(Shard.restore(0, state), commands)).containsExactlyElementsOf(events.toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2", "v3"})
    void recordedEventsAreEncodedAgainUnchanged(String version) throws Exception {
        for (var line : lines(version, "events.jsonl")) {
            var headers = new HashMap<String, String>();
            line.get("headers").properties().forEach(e -> headers.put(e.getKey(), e.getValue().textValue()));
            var value = line.get("value").textValue();

            var read = EventCodec.decode(headers, value.getBytes(UTF_8));

            assertThat(new String(EventCodec.value(read.event()), UTF_8)).isEqualTo(value);
            assertThat(EventCodec.headers(read.event(), read.source())).isEqualTo(headers);
        }
    }

    private static List<JsonNode> replay(Shard shard, List<JsonNode> commands) throws Exception {
        var events = new ArrayList<JsonNode>();
        for (var line : commands) {
            events.addAll(apply(shard, line, LogCodec.commandBatch(line.get("value").textValue().getBytes(UTF_8))));
        }
        return events;
    }

    private static List<JsonNode> apply(Shard shard, JsonNode line, CommandBatch batch) {
        var events = new ArrayList<JsonNode>();
        for (var output : shard.apply(line.get("offset").longValue(), line.get("ts").longValue(), batch)) {
            if (output instanceof Output.Fact(var source, var event)) {
                var json = Json.MAPPER.createObjectNode();
                json.set("headers", Json.MAPPER.valueToTree(EventCodec.headers(event, source)));
                json.put("value", new String(EventCodec.value(event), UTF_8));
                events.add(json);
            }
        }
        return events;
    }

    private static List<JsonNode> lines(String version, String file) throws IOException {
        try (var in = Objects.requireNonNull(
                RecordedLogTest.class.getResourceAsStream("/recorded/" + version + "/" + file))) {
            var lines = new ArrayList<JsonNode>();
            for (var line : new String(in.readAllBytes(), UTF_8).lines().toList())
                lines.add(Json.MAPPER.readTree(line));
            return lines;
        }
    }
}
