package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds and removes rooms that were unused for long: a part of {@link Shard}. A forgotten room begins a new epoch when
 * it is used again. A router checks some rooms at a time, and appends commands for those it found. The log then
 * decides.
 */
class Forgetting {
    /** At most this many packed runs are checked per call: some thousand rooms. */
    private static final int MAX_RUNS = 32;
    /** At most this many rooms are returned per call. */
    private static final int MAX_ROOMS = 500;

    private final ShardState state;
    /** Where the next check continues; not part of the state. */
    private byte @Nullable [] scanPosition;

    Forgetting(ShardState state) {
        this.state = state;
    }

    /** The command's log time decides, not the clock of the router that appended the command. */
    void forget(Command.Forget forget, long ts) {
        // a room that never held a message is removed at the end of this command anyway, because it was looked
        // up
        var room = state.find(forget.room());
        if (room == null || room.epoch() != forget.epoch() || room.seq() != forget.seq()) return;
        if (canForget(room, forget.silentMs(), ts)) state.forget(room, ts);
    }

    boolean canForget(Room room, long silentMs, long ts) {
        return room.isEmpty() && isUnused(room.progress(), silentMs, ts) && isConfirmed(room.id());
    }

    /** Checks some more rooms. Does not change the shard's state. */
    List<Command.Forget> findForgettable(Duration after, long now) {
        if (!state.rules().removesEmptyRooms()) return List.of();
        var silentMs = after.toMillis();
        var found = new ArrayList<Command.Forget>();
        scanPosition = state.rooms().scan(scanPosition, MAX_RUNS, (id, progress) -> {
            if (found.size() == MAX_ROOMS) return; // the others are found in the next round
            if (progress.seq() > 0 && !isUnused(progress, silentMs, now)) return;
            if (progress.seq() == 0 || isConfirmed(id.get()))
                found.add(new Command.Forget(id.get(), progress.epoch(), progress.seq(), silentMs));
        });
        return found;
    }

    private boolean isUnused(StateEntry.Progress progress, long silentMs, long now) {
        return state.rules().removesEmptyRooms() && now - state.rules().lastUsedAt(progress) >= silentMs;
    }

    /** Whether no message of the room is still to be confirmed. */
    boolean isConfirmed(RoomId id) {
        return !state.unconfirmed().hasAnyIn(id);
    }
}
