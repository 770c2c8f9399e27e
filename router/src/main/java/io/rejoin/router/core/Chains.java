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
 * How far each edge was sent what is for it: the source of the last delivery to its present incarnation. It follows from the
 * commands alone. So whichever router says after which delivery it goes on, an edge knows by that whether it missed some.
 */
final class Chains {
    private final Map<String, StateEntry.Chain> byEdge = new TreeMap<>();
    private final TreeSet<String> changed = new TreeSet<>();

    /** A delivery follows for an edge. One to an incarnation that has ended belongs to no chain. */
    void sent(EdgeRef edge, Source source) {
        var before = byEdge.get(edge.edge());
        if (before != null && edge.incarnation() < before.edge().incarnation()) return;
        byEdge.put(edge.edge(), new StateEntry.Chain(edge, source));
        changed.add(edge.edge());
    }

    /** An edge was given up: nothing goes on from what it was sent. */
    void end(String edge, long incarnation) {
        var before = byEdge.get(edge);
        if (before == null || before.edge().incarnation() > incarnation) return;
        byEdge.remove(edge);
        changed.add(edge);
    }

    StateEntry.@Nullable Chain find(String edge) {
        return byEdge.get(edge);
    }

    Collection<StateEntry.Chain> all() {
        return byEdge.values();
    }

    /** The edges whose chain has gone on, or ended, since this was last asked; sorted. */
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
