package io.rejoin.history.ingest;

import io.rejoin.history.store.Position;
import org.jspecify.annotations.Nullable;

/** Where reading a partition begins: what the database remembers, held against what the log still has. Pure. */
sealed interface Placement {
    /** Go on where the last reader stopped. */
    record Resume(Position at) implements Placement {}

    /** Never read before: from the oldest record there is. */
    record Begin(Position at) implements Placement {}

    /** The log has lost, by its retention, records that nobody read. */
    record Skip(Position from, Position to) implements Placement {}

    /**
     * The log ends before the position, or is another one: read all of it again. Rows that are stored already stay as they are,
     * so that this is safe.
     */
    record Restart(Position from, Position to) implements Placement {}

    /** A partition of the log: its topic's id, its oldest offset and the one that its next record will have. */
    record Log(String topicId, int partition, long begin, long end) {}

    static Placement of(@Nullable Position stored, Log log) {
        var begin = new Position(log.topicId(), log.partition(), log.begin(), null);
        if (stored == null) return new Begin(begin);
        if (!stored.topicId().equals(log.topicId()) || stored.next() > log.end()) return new Restart(stored, begin);
        if (stored.next() < log.begin()) return new Skip(stored, stored.advancedTo(log.begin(), stored.last()));
        return new Resume(stored);
    }
}
