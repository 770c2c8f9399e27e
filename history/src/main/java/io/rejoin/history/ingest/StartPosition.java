package io.rejoin.history.ingest;

import io.rejoin.history.store.Position;
import org.jspecify.annotations.Nullable;

/**
 * Where to start reading a partition. Compares the position in the database with the offsets that the log still has.
 * Without I/O.
 */
sealed interface StartPosition {
    /** Continue at the stored position. */
    record Resume(Position at) implements StartPosition {}

    /** No position is stored: start at the oldest record. */
    record Begin(Position at) implements StartPosition {}

    /** The retention of the log has deleted records that history did not read: skip them. */
    record Skip(Position from, Position to) implements StartPosition {}

    /**
     * The log ends before the position, or has another topic id: read all of the log again. That is safe, because
     * stored rows are not overwritten.
     */
    record Restart(Position from, Position to) implements StartPosition {}

    /** A partition of the log: its topic's id, its oldest offset, and the offset of its next record. */
    record Log(String topicId, int partition, long beginOffset, long endOffset) {}

    static StartPosition of(@Nullable Position stored, Log log) {
        var begin = new Position(log.topicId(), log.partition(), log.beginOffset(), null);
        if (stored == null) return new Begin(begin);
        if (!stored.topicId().equals(log.topicId()) || stored.nextOffset() > log.endOffset())
            return new Restart(stored, begin);
        if (stored.nextOffset() < log.beginOffset())
            return new Skip(stored, stored.advancedTo(log.beginOffset(), stored.lastSource()));
        return new Resume(stored);
    }
}
