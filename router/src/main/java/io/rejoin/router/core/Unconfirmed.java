package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a shard that recipients must still confirm. Their number is bounded: at most {@link #PER_ROOM} in a
 * room, and at most {@link #MAX} pairs of message and recipient in the shard. Beyond either bound, the oldest message
 * is {@link #surplus}. Confined to the shard's thread.
 */
final class Unconfirmed {
    static final int PER_ROOM = 1_000;
    static final int MAX = 100_000;

    /** The room and seq of a message. */
    record Place(RoomId room, long seq) {}

    /** A message and its pending confirmation. */
    record Entry(RoomId room, long seq, Pending pending) {}

    private record Age(long offset, RoomId room, long seq) implements Comparable<Age> {
        @Override
        public int compareTo(Age other) {
            if (offset != other.offset) return Long.compare(offset, other.offset);
            var byRoom = room.compareTo(other.room);
            return byRoom != 0 ? byRoom : Long.compare(seq, other.seq);
        }
    }

    private final Map<RoomId, TreeMap<Long, Pending>> byRoom = new TreeMap<>();
    private final TreeMap<Age, Pending> oldestFirst = new TreeMap<>();
    private final Set<Place> changed = new HashSet<>();
    /** The number of pairs of message and recipient that are not confirmed. */
    private int awaited;

    void add(RoomId room, long seq, Pending pending) {
        var before = byRoom.computeIfAbsent(room, _ -> new TreeMap<>()).put(seq, pending);
        awaited += pending.recipients().size() - (before == null ? 0 : before.recipients().size());
        oldestFirst.put(new Age(pending.offset(), room, seq), pending);
        changed.add(new Place(room, seq));
    }

    @Nullable
    Pending find(RoomId room, long seq) {
        return of(room).get(seq);
    }

    void remove(RoomId room, long seq) {
        var pending = byRoom.getOrDefault(room, new TreeMap<>()).remove(seq);
        if (pending == null) return;
        awaited -= pending.recipients().size();
        oldestFirst.remove(new Age(pending.offset(), room, seq));
        changed.add(new Place(room, seq));
        byRoom.computeIfPresent(room, (_, left) -> left.isEmpty() ? null : left);
    }

    boolean isIn(RoomId room) {
        return byRoom.containsKey(room);
    }

    /**
     * Records that a user has acknowledged a room up to {@code upTo}. Returns the messages that this confirms for the
     * user, in order.
     */
    List<Entry> confirm(RoomId room, UserId user, long upTo) {
        var confirmed = new ArrayList<Entry>();
        of(room).headMap(upTo + 1).forEach((seq, pending) -> {
            if (pending.recipients().contains(user)) confirmed.add(new Entry(room, seq, pending.without(user)));
        });
        for (var entry : confirmed) {
            if (entry.pending().recipients().isEmpty()) remove(room, entry.seq());
            else
                add(room, entry.seq(), entry.pending());
        }
        return confirmed;
    }

    /**
     * The message to expire early: the oldest of the room if the room has too many, else the oldest of the shard if the
     * shard has too many. Null if neither bound is exceeded.
     */
    @Nullable
    Place surplus(RoomId room) {
        var own = of(room);
        if (own.size() > PER_ROOM) return new Place(room, own.firstKey());
        if (awaited <= MAX) return null;
        var oldest = oldestFirst.firstKey();
        return new Place(oldest.room(), oldest.seq());
    }

    /** Calls the action for every message, the oldest first. */
    void forEach(BiConsumer<Place, Pending> action) {
        oldestFirst.forEach((age, pending) -> action.accept(new Place(age.room(), age.seq()), pending));
    }

    /** The messages that were added, changed or removed since the last call. */
    List<Place> takeChanged() {
        var places = List.copyOf(changed);
        changed.clear();
        return places;
    }

    /** Restores a message; null removes one that was restored before. */
    void restore(RoomId room, long seq, @Nullable Pending pending) {
        remove(room, seq); // a message of an earlier epoch may have had the same seq
        if (pending != null) add(room, seq, pending);
        changed.clear();
    }

    private SortedMap<Long, Pending> of(RoomId room) {
        var own = byRoom.get(room);
        return own == null ? Collections.emptySortedMap() : own;
    }
}
