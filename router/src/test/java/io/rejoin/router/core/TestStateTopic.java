package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A partition of {@code rejoin.state}: records in order. Compaction removes records that later ones replaced. */
final class TestStateTopic {
    private record Stored(String key, @Nullable String value) {}

    private List<Stored> records = new ArrayList<>();

    void append(StateEntry entry) {
        var value = StateCodec.value(entry);
        records.add(new Stored(StateCodec.key(entry), value == null ? null : new String(value, UTF_8)));
    }

    /** Compacts up to a random record; may also remove tombstones there. */
    void compact(RandomGenerator random) {
        var end = random.nextInt(records.size() + 1);
        var last = new HashMap<String, Integer>();
        for (var n = 0; n < end; n++) last.put(records.get(n).key(), n);
        var remaining = new ArrayList<Stored>();
        for (var n = 0; n < records.size(); n++) {
            var record = records.get(n);
            var isLast = n >= end || Objects.equals(last.get(record.key()), n);
            if (isLast && (n >= end || record.value() != null || random.nextBoolean())) remaining.add(record);
        }
        records = remaining;
    }

    /** The latest value of every key. */
    Map<String, String> latest() {
        var latest = new HashMap<String, String>();
        for (var record : records) {
            if (record.value() == null) latest.remove(record.key());
            else
                latest.put(record.key(), record.value());
        }
        return latest;
    }

    int bytes() {
        return latest().entrySet().stream().mapToInt(e -> (e.getKey() + e.getValue()).getBytes(UTF_8).length)
                .sum();
    }

    Stream<StateEntry> read() {
        return records.stream().map(record -> StateCodec.entry(record.key().getBytes(UTF_8),
                record.value() == null ? null : record.value().getBytes(UTF_8)));
    }
}
