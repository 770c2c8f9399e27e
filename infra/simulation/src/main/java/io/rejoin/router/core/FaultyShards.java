package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** Shards that forget what they must not. They stand in this package because how a shard forgets is nobody else's business. */
@NullMarked
public final class FaultyShards {
    private FaultyShards() {}

    /** Forgets a room without looking whether somebody has come meanwhile. */
    public static Shard forgettingMembers(int partition, Stream<StateEntry> entries) {
        var state = state(entries);
        return new Shard(partition, state, new Forgetting(state) {
            @Override
            boolean mayGo(Room room, long silentMs, long ts) {
                return room.seq() > 0;
            }
        });
    }

    /** Forgets a room with messages that are still to be confirmed. */
    public static Shard forgettingUnconfirmed(int partition, Stream<StateEntry> entries) {
        var state = state(entries);
        return new Shard(partition, state, new Forgetting(state) {
            @Override
            boolean isConfirmed(RoomId id) {
                return true;
            }
        });
    }

    private static ShardState state(Stream<StateEntry> entries) {
        var state = new ShardState();
        entries.forEachOrdered(state::restore);
        state.restored();
        return state;
    }
}
