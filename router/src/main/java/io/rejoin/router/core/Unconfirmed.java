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
 * The messages of a shard that recipients must still confirm. Their number is bounded: at most {@link #MAX_PER_ROOM} in
 * a room, and at most {@link #MAX_PAIRS} pairs of message and recipient in the shard. Beyond either bound, the oldest
 * message is {@link #surplus}. Confined to the shard's thread.
 */
final class Unconfirmed {
    static final int MAX_PER_ROOM = 1_000;
    static final int MAX_PAIRS = 100_000;

    /** The room and seq of a message. */
    record MessageKey(RoomId room, long seq) {}

    /** A message and its pending confirmation. */
    record Entry(RoomId room, long seq, Pending pending) {}

    private record AgeKey(long offset, RoomId room, long seq) implements Comparable<AgeKey> {
        @Override
        public int compareTo(AgeKey other) {
            if (offset != other.offset) return Long.compare(offset, other.offset);
            var byRoom = room.compareTo(other.room);
            return byRoom != 0 ? byRoom : Long.compare(seq, other.seq);
        }
    }

    private final Map<RoomId, TreeMap<Long, Pending>> byRoom = new TreeMap<>();
    private final TreeMap<AgeKey, Pending> oldestFirst = new TreeMap<>();
    private final Set<MessageKey> changed = new HashSet<>();
    /** The number of pairs of message and recipient that are not confirmed. */
    private int pairCount;

    void add(RoomId room, long seq, Pending pending) {
        var previous = byRoom.computeIfAbsent(room, _ -> new TreeMap<>()).put(seq, pending);
        pairCount += pending.recipients().size() - (previous == null ? 0 : previous.recipients().size());
        oldestFirst.put(new AgeKey(pending.offset(), room, seq), pending);
        changed.add(new MessageKey(room, seq));
    }

    @Nullable
    Pending find(RoomId room, long seq) {
        return inRoom(room).get(seq);
    }

    void remove(RoomId room, long seq) {
        var pending = byRoom.getOrDefault(room, new TreeMap<>()).remove(seq);
        if (pending == null) return;
        pairCount -= pending.recipients().size();
        oldestFirst.remove(new AgeKey(pending.offset(), room, seq));
        changed.add(new MessageKey(room, seq));
        byRoom.computeIfPresent(room, (_, remaining) -> remaining.isEmpty() ? null : remaining);
    }

    boolean hasAnyIn(RoomId room) {
        return byRoom.containsKey(room);
    }

    /**
     * Records that a user has acknowledged a room up to {@code upTo}. Returns the messages that this confirms for the
     * user, in order.
     */
    List<Entry> confirm(RoomId room, UserId user, long upTo) {
        var confirmed = new ArrayList<Entry>();
        inRoom(room).headMap(upTo + 1).forEach((seq, pending) -> {
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
    MessageKey surplus(RoomId room) {
        var messages = inRoom(room);
        if (messages.size() > MAX_PER_ROOM) return new MessageKey(room, messages.firstKey());
        if (pairCount <= MAX_PAIRS) return null;
        var oldest = oldestFirst.firstKey();
        return new MessageKey(oldest.room(), oldest.seq());
    }

    /** Calls the action for every message, the oldest first. */
    void forEach(BiConsumer<MessageKey, Pending> action) {
        oldestFirst.forEach((age, pending) -> action.accept(new MessageKey(age.room(), age.seq()), pending));
    }

    /** The messages that were added, changed or removed since the last call. */
    List<MessageKey> takeChanged() {
        var messages = List.copyOf(changed);
        changed.clear();
        return messages;
    }

    /** Restores a message; null removes one that was restored before. */
    void restore(RoomId room, long seq, @Nullable Pending pending) {
        remove(room, seq); // a message of an earlier epoch may have had the same seq
        if (pending != null) add(room, seq, pending);
        changed.clear();
    }

    private SortedMap<Long, Pending> inRoom(RoomId room) {
        var messages = byRoom.get(room);
        return messages == null ? Collections.emptySortedMap() : messages;
    }
}
