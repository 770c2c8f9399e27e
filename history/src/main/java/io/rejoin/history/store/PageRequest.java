package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import org.jspecify.annotations.Nullable;

/**
 * Which messages of a room are wanted.
 *
 * @param epoch the room's life; null is its latest
 * @param limit most messages in the page, from 1
 */
public record PageRequest(RoomId room, @Nullable Long epoch, Range range, int limit) {
    /** Where the page lies; a page is ascending in any case. */
    public sealed interface Range {
        /** The first messages with {@code after < seq <= to}. */
        record Forward(long after, long to) implements Range {}

        /** The last messages with {@code seq < before}. */
        record Backward(long before) implements Range {}
    }

    /** Whether a page of that epoch is one of these. */
    public boolean wants(long other) {
        return epoch == null || epoch == other;
    }
}
