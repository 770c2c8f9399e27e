package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The edges that were given up. A command that such an incarnation appended too late then changes no membership. An
 * entry is forgotten after {@link #AGE_MS} of log time: no append is in flight for so long, and an edge's id is never
 * reused.
 */
final class LostEdges {
    static final long AGE_MS = 24L * 60 * 60 * 1000;

    private final Map<String, StateEntry.OfLostEdge> byEdge = new HashMap<>();
    private final TreeSet<String> changed = new TreeSet<>();

    boolean contains(EdgeRef edge) {
        var lost = byEdge.get(edge.edge());
        return lost != null && edge.incarnation() <= lost.incarnation();
    }

    void add(String edge, long incarnation, long ts) {
        var previous = byEdge.get(edge);
        byEdge.put(edge, new StateEntry.OfLostEdge(edge,
                previous == null ? incarnation : Math.max(incarnation, previous.incarnation()), ts));
        changed.add(edge);
        byEdge.forEach((other, lost) -> {
            if (lost.ts() < ts - AGE_MS) changed.add(other);
        });
        byEdge.values().removeIf(lost -> lost.ts() < ts - AGE_MS);
    }

    StateEntry.@Nullable OfLostEdge find(String edge) {
        return byEdge.get(edge);
    }

    /** The edges that were given up or forgotten since the last call; sorted. */
    List<String> takeChanged() {
        var edges = List.copyOf(changed);
        changed.clear();
        return edges;
    }

    void restore(StateEntry.OfLostEdge lost) {
        if (lost.incarnation() == 0) byEdge.remove(lost.edge());
        else
            byEdge.put(lost.edge(), lost);
    }
}
