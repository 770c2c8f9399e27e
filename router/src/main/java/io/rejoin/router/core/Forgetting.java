package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rooms that nobody used for long: a part of {@link Shard}. Such a room is forgotten, and is another one when it comes back. A
 * router looks for them bit by bit, and says in the log what it found; what then happens the log decides.
 */
class Forgetting {
    /** Most packed runs that are looked at in one go: some thousand rooms. */
    private static final int RUNS = 32;
    /** Most rooms that are found in one go. */
    private static final int MOST = 500;

    private final ShardState state;
    /** Where to go on looking; not part of the state. */
    private byte @Nullable [] from;

    Forgetting(ShardState state) {
        this.state = state;
    }

    /** The log's time decides, not the router's that appended the command. */
    void forget(Command.Forget forget, long ts) {
        var room = state.find(forget.room()); // if it never held a message, it vanishes for having been looked at
        if (room == null || room.epoch() != forget.epoch() || room.seq() != forget.seq()) return;
        if (mayGo(room, forget.silentMs(), ts)) state.forget(room, ts);
    }

    boolean mayGo(Room room, long silentMs, long ts) {
        return room.isEmpty() && isSilent(room.progress(), silentMs, ts) && isConfirmed(room.id());
    }

    /** Looks at some rooms more. Changes nothing of the shard's state. */
    List<Command.Forget> due(Duration after, long now) {
        if (!state.rules().vanishing()) return List.of();
        var silentMs = after.toMillis();
        var found = new ArrayList<Command.Forget>();
        from = state.rooms().scan(from, RUNS, (id, progress) -> {
            if (found.size() == MOST) return; // the others the next time round
            if (progress.seq() > 0 && !isSilent(progress, silentMs, now)) return;
            if (progress.seq() == 0 || isConfirmed(id.get()))
                found.add(new Command.Forget(id.get(), progress.epoch(), progress.seq(), silentMs));
        });
        return found;
    }

    private boolean isSilent(StateEntry.Progress progress, long silentMs, long now) {
        return state.rules().vanishing() && now - state.rules().usedLast(progress) >= silentMs;
    }

    /** Whether nothing in the room is still to be confirmed. */
    boolean isConfirmed(RoomId id) {
        return !state.unconfirmed().isIn(id);
    }
}
