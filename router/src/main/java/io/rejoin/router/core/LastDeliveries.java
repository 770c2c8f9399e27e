package io.rejoin.router.core;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The chain of deliveries to each edge: the source of the last delivery to its current incarnation. The chain depends
 * on the commands alone, so every router computes the same. A router starts a stream with the delivery that it
 * continues after. The edge compares this with its own last delivery, and so detects any that it missed.
 */
final class LastDeliveries {
    private final Map<String, StateEntry.LastDelivery> byEdge = new TreeMap<>();
    private final TreeSet<String> changed = new TreeSet<>();

    /** Records a delivery to an edge. A delivery to an incarnation that has ended is not part of the chain. */
    void record(EdgeRef edge, Source source) {
        var previous = byEdge.get(edge.edge());
        if (previous != null && edge.incarnation() < previous.edge().incarnation()) return;
        byEdge.put(edge.edge(), new StateEntry.LastDelivery(edge, source));
        changed.add(edge.edge());
    }

    /** Removes an edge that was given up. */
    void remove(String edge, long incarnation) {
        var previous = byEdge.get(edge);
        if (previous == null || previous.edge().incarnation() > incarnation) return;
        byEdge.remove(edge);
        changed.add(edge);
    }

    StateEntry.@Nullable LastDelivery find(String edge) {
        return byEdge.get(edge);
    }

    Collection<StateEntry.LastDelivery> all() {
        return byEdge.values();
    }

    /** The edges whose chain moved or ended since the last call; sorted. */
    List<String> takeChanged() {
        var edges = List.copyOf(changed);
        changed.clear();
        return edges;
    }

    void restore(StateEntry.OfChain entry) {
        var chain = entry.chain();
        if (chain == null) byEdge.remove(entry.edge());
        else
            byEdge.put(entry.edge(), chain);
    }
}
