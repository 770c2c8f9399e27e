package io.rejoin.router.core;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The version of the rules by which a shard decides, and the epochs that it may still use. The version is the highest
 * one in the shard's log so far, so an old log always gives the same outputs. Confined to the shard's thread.
 */
final class Rules {
    /**
     * From this version on, an empty room that never held a message is removed, and an unused room can be forgotten.
     */
    private static final int VERSION_REMOVING_EMPTY_ROOMS = 2;
    /**
     * From this version on, the shard records the last delivery to each edge. The next version decides in the same way.
     */
    private static final int VERSION_TRACKING_DELIVERIES = 3;
    /**
     * The value of {@code emptySince} after the shard began anew and before the next record. Until then, no earlier
     * epoch is known to have held no message.
     */
    private static final long NOT_YET = -1;

    private int version = 1;
    /** No room may begin with this epoch or an earlier one. */
    private long lastEpoch;
    /**
     * A new room's presence starts after this version. Members of an earlier room of the same name may have seen
     * versions up to this one.
     */
    private long lastVersion;
    private long emptySince;
    private boolean hasChanged;

    int version() {
        return version;
    }

    /** Updates the rules with the version and the log time of the next record. */
    void onRecord(int recordVersion, long ts) {
        var isNew = version < VERSION_REMOVING_EMPTY_ROOMS && recordVersion >= VERSION_REMOVING_EMPTY_ROOMS;
        if (isNew || (removesEmptyRooms() && emptySince == NOT_YET)) {
            emptySince = ts;
            hasChanged = true;
        }
        // the next owner must know the new version
        if (version < recordVersion && recordVersion >= VERSION_TRACKING_DELIVERIES) hasChanged = true;
        version = Math.max(version, recordVersion);
    }

    boolean removesEmptyRooms() {
        return version >= VERSION_REMOVING_EMPTY_ROOMS;
    }

    boolean tracksDeliveries() {
        return version >= VERSION_TRACKING_DELIVERIES;
    }

    /** The epoch of a room that begins at this log time. It is later than the epoch of every removed room. */
    long newEpoch(long ts) {
        return removesEmptyRooms() ? Math.max(ts, lastEpoch + 1) : ts;
    }

    /** The presence version that a new room counts on from. */
    long initialPresenceVersion() {
        return removesEmptyRooms() ? lastVersion : 0;
    }

    /** Records that a room was removed, so that its epoch and its presence versions are not used again. */
    void onRoomRemoved(Room room) {
        lastEpoch = Math.max(lastEpoch, room.epoch());
        lastVersion = Math.max(lastVersion, room.version());
        if (room.seq() > 0) emptySince = Math.max(emptySince, room.epoch());
        hasChanged = true;
    }

    /**
     * The log time at which the room was used last. Version 1 of the rules did not record it. Then the result is
     * {@code emptySince}, which is no earlier.
     */
    long lastUsedAt(StateEntry.Progress progress) {
        return progress.used() > 0 ? progress.used() : emptySince;
    }

    /** A finished epoch later than this one held no message; null if no such bound is known. */
    @Nullable
    Long emptySince() {
        return removesEmptyRooms() ? emptySince : null;
    }

    StateEntry.@Nullable OfShard takeChanged() {
        if (!hasChanged) return null;
        hasChanged = false;
        return new StateEntry.OfShard(version, lastEpoch, lastVersion, emptySince);
    }

    /**
     * Takes over the rules of a shard whose rooms are all removed and whose last commands are lost. Version 1 writes no
     * entry for the shard. Values that are only in memory would be unknown to the next owner, so version 1 keeps none.
     */
    void startAfter(Rules predecessor, Stream<Room> rooms) {
        version = predecessor.version;
        if (!removesEmptyRooms()) return;
        lastEpoch = predecessor.lastEpoch;
        lastVersion = predecessor.lastVersion;
        rooms.forEach(this::onRoomRemoved);
        emptySince = NOT_YET;
        hasChanged = true;
    }

    void restore(StateEntry.OfShard shard) {
        version = shard.rules();
        lastEpoch = shard.lastEpoch();
        lastVersion = shard.lastVersion();
        emptySince = shard.emptySince();
    }
}
