package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * How a shard begins anew whose commands expired before its checkpoint had them. A router that died may have given seqs to
 * some of them, so the rooms' own numbers must not be gone on with: each room begins a new epoch when it is heard of next.
 *
 * @param kept    of the state: what depends on no room's numbers
 * @param dropped keys of the rest
 * @param edges   the incarnations that had a member, to be given up like all others that there may be: they join again, and
 *                tell their clients
 */
record NewEpochs(List<StateEntry> kept, List<String> dropped, List<EdgeRef> edges) {
    NewEpochs {
        kept = List.copyOf(kept);
        dropped = List.copyOf(dropped);
        edges = List.copyOf(edges);
    }

    /** @param latest the latest entry of every key */
    static NewEpochs of(Collection<StateEntry> latest) {
        var kept = new ArrayList<StateEntry>();
        var dropped = new ArrayList<String>();
        var edges = new TreeSet<EdgeRef>();
        for (var entry : latest) {
            switch (entry) {
                case StateEntry.OfPosts posts -> kept.add(posts);
                case StateEntry.OfLostEdge lost -> kept.add(lost);
                case StateEntry.OfRoom room -> dropped.add(StateCodec.key(room));
                case StateEntry.OfCursor cursor -> dropped.add(StateCodec.key(cursor));
                case StateEntry.OfPending pending -> dropped.add(StateCodec.key(pending));
                case StateEntry.OfMember member -> {
                    dropped.add(StateCodec.key(member));
                    if (member.member() != null) edges.add(member.member().edge());
                }
            }
        }
        return new NewEpochs(kept, dropped, List.copyOf(edges));
    }
}
