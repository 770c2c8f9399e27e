package io.rejoin.router.link;

import io.rejoin.contracts.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The last delivery that an edge has taken of each shard, in the incarnation it is in. */
record Positions(long incarnation, Map<Integer, Source> byPartition) {
    Positions {
        byPartition = Map.copyOf(byPartition);
    }

    static Positions of(long incarnation, List<Source> sources) {
        var byPartition = new HashMap<Integer, Source>();
        for (var source : sources) byPartition.put(source.partition(), source);
        return new Positions(incarnation, byPartition);
    }

    /** Null where it has taken nothing. */
    @Nullable
    Source of(int partition) {
        return byPartition.get(partition);
    }
}
