package io.rejoin.router.core;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By which rules a shard decides, and which epochs it may still begin. The rules are the highest version that the shard's log
 * has shown; so an old log gives what it always gave. Confined to the shard's thread.
 */
final class Rules {
    /** From this version on a room without members vanishes if it never held a message, and may be forgotten. */
    private static final int VANISHING = 2;
    /** From this version on it is kept how far each edge was sent what is for it. The next one decides as this one. */
    private static final int CHAINING = 3;
    /** The shard began anew, and no record has come since: of no epoch before it is known whether it held messages. */
    private static final long NOT_YET = -1;

    private int version = 1;
    /** No epoch up to this one is begun again. */
    private long lastEpoch;
    /** No version up to this one is given to the presence of a room that begins: who was in an earlier one of its name knows. */
    private long lastVersion;
    private long emptySince;
    private boolean changed;

    int version() {
        return version;
    }

    /** A record of that version comes. */
    void shown(int shown, long ts) {
        var isNew = version < VANISHING && shown >= VANISHING;
        if (isNew || (vanishing() && emptySince == NOT_YET)) {
            emptySince = ts;
            changed = true;
        }
        if (version < shown && shown >= CHAINING) changed = true; // the next owner has to know
        version = Math.max(version, shown);
    }

    boolean vanishing() {
        return version >= VANISHING;
    }

    boolean chaining() {
        return version >= CHAINING;
    }

    /** The epoch of a room that begins at that log time: later than that of every room that is gone. */
    long newEpoch(long ts) {
        return vanishing() ? Math.max(ts, lastEpoch + 1) : ts;
    }

    /** The version after which the presence of a room that begins goes on. */
    long versionBefore() {
        return vanishing() ? lastVersion : 0;
    }

    /** A room is gone, and with it its epoch. */
    void over(Room room) {
        lastEpoch = Math.max(lastEpoch, room.epoch());
        lastVersion = Math.max(lastVersion, room.version());
        if (room.seq() > 0) emptySince = Math.max(emptySince, room.epoch());
        changed = true;
    }

    /** The log time at which something happened in a room last, or might have: earlier rules did not ask. */
    long usedLast(StateEntry.Progress progress) {
        return progress.used() > 0 ? progress.used() : emptySince;
    }

    /** Epochs after this one that are over held no message; null if that is not known of any. */
    @Nullable
    Long emptySince() {
        return vanishing() ? emptySince : null;
    }

    StateEntry.@Nullable OfShard takeChanged() {
        if (!changed) return null;
        changed = false;
        return new StateEntry.OfShard(version, lastEpoch, lastVersion, emptySince);
    }

    /**
     * As those of a shard whose rooms are all gone, and of whose last commands nothing is known. The first rules keep nothing, and
     * write nothing: what is in memory alone, the next owner would not know.
     */
    void beginAnew(Rules before, Stream<Room> rooms) {
        version = before.version;
        if (!vanishing()) return;
        lastEpoch = before.lastEpoch;
        lastVersion = before.lastVersion;
        rooms.forEach(this::over);
        emptySince = NOT_YET;
        changed = true;
    }

    void restore(StateEntry.OfShard shard) {
        version = shard.rules();
        lastEpoch = shard.lastEpoch();
        lastVersion = shard.lastVersion();
        emptySince = shard.emptySince();
    }
}
