package io.rejoin.router.link;

import io.rejoin.contracts.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The last delivery that an edge has received from each shard, in its current incarnation. */
record ReportedPositions(long incarnation, Map<Integer, Source> byPartition) {
    ReportedPositions {
        byPartition = Map.copyOf(byPartition);
    }

    static ReportedPositions of(long incarnation, List<Source> sources) {
        var byPartition = new HashMap<Integer, Source>();
        for (var source : sources) byPartition.put(source.partition(), source);
        return new ReportedPositions(incarnation, byPartition);
    }

    /** The position in one shard's deliveries; null if the edge received none. */
    @Nullable
    Source ofPartition(int partition) {
        return byPartition.get(partition);
    }
}
