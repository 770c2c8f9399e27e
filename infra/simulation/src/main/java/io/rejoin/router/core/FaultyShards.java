package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * Makes shards that forget rooms too early, for the simulation. In this package because {@code Forgetting} is
 * package-private.
 */
@NullMarked
public final class FaultyShards {
    private FaultyShards() {}

    /** A shard that forgets a room without checking whether a user has joined in the meantime. */
    public static Shard forgettingMembers(int partition, Stream<StateEntry> entries) {
        var state = state(entries);
        return new Shard(partition, state, new Forgetting(state) {
            @Override
            boolean canForget(Room room, long silentMs, long ts) {
                return room.seq() > 0;
            }
        });
    }

    /** A shard that forgets a room although messages in it wait for confirmations. */
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
        state.checkRestored();
        return state;
    }
}
