package io.rejoin.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.ContentDigest;
import io.rejoin.router.core.FaultyShards;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model of a partition of {@code rejoin.state}, as readers of committed records see it, and of its transaction
 * coordinator. Only the producer that was initialised last may commit.
 */
final class StateLog {
    /**
     * A shard as its latest checkpoint describes it.
     *
     * @param next offset of the first command record that the checkpoint does not include
     */
    record Restored(Shard shard, int next) {}

    private final int partition;
    private final Bug bug;
    private final Map<String, byte[]> latest = new TreeMap<>();
    private int next;
    private int producerEpoch;

    StateLog(int partition, Bug bug) {
        this.partition = partition;
        this.bug = bug;
    }

    /** Initialises a producer and fences all earlier ones; the epoch of the new producer. */
    int fence() {
        return ++producerEpoch;
    }

    /** Commits a checkpoint; false when the producer is fenced. */
    boolean commit(int epoch, int position, List<StateEntry> changes) {
        if (epoch != producerEpoch && bug != Bug.NO_FENCING) return false;
        for (var entry : changes) {
            var value = StateCodec.value(entry);
            if (value == null) latest.remove(StateCodec.key(entry));
            else
                latest.put(StateCodec.key(entry), value);
        }
        next = position;
        return true;
    }

    Restored read() {
        var entries = new ArrayList<StateEntry>();
        latest.forEach((key, value) -> {
            var entry = StateCodec.entry(key.getBytes(UTF_8), value);
            if (!isForgotten(entry)) entries.add(altered(entry));
        });
        return new Restored(shard(partition, bug, entries.stream()), next);
    }

    /** Restores a shard from those entries; a faulty shard if the bug asks for one. */
    static Shard shard(int partition, Bug bug, Stream<StateEntry> past) {
        return switch (bug) {
            case FORGETS_MEMBERS -> FaultyShards.forgettingMembers(partition, past);
            case FORGETS_UNCONFIRMED -> FaultyShards.forgettingUnconfirmed(partition, past);
            default -> Shard.restore(partition, past);
        };
    }

    private StateEntry altered(StateEntry entry) {
        return switch (bug) {
            case DIGESTS_LOST -> withoutDigests(entry);
            case EPOCHS_LOST -> entry instanceof StateEntry.OfShard shard
                    ? new StateEntry.OfShard(shard.rules(), 0, 0, shard.emptySince())
                    : entry;
            default -> entry;
        };
    }

    private static StateEntry withoutDigests(StateEntry entry) {
        if (!(entry instanceof StateEntry.OfPosts(var chunk, var posts))) return entry;
        return new StateEntry.OfPosts(chunk, posts.stream().map(post -> new StateEntry.Post(post.room(), post.user(),
                post.id(), post.seq(), post.ts(), ContentDigest.NONE)).toList());
    }

    private boolean isForgotten(StateEntry entry) {
        return switch (bug) {
            case DUPLICATE_WINDOW_LOST -> entry instanceof StateEntry.OfPosts;
            case MEMBERS_LOST -> entry instanceof StateEntry.OfMember;
            case CHAINS_LOST -> entry instanceof StateEntry.OfChain;
            case CURSORS_LOST -> entry instanceof StateEntry.OfCursor;
            case CONFIRMATIONS_LOST -> entry instanceof StateEntry.OfPending;
            default -> false;
        };
    }
}
