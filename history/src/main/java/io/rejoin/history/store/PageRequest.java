package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import org.jspecify.annotations.Nullable;

/**
 * A request for a page of a room's messages.
 *
 * @param epoch the room's epoch; null for the latest
 * @param limit the most messages in the page, at least 1
 */
public record PageRequest(RoomId room, @Nullable Long epoch, Range range, int limit) {
    /** The range of the page. A page is always ascending. */
    public sealed interface Range {
        /** The first messages with {@code after < seq <= to}. */
        record Forward(long after, long to) implements Range {}

        /** The last messages with {@code seq < before}. */
        record Backward(long before) implements Range {}
    }

    /** Whether this request accepts messages of that epoch. */
    public boolean acceptsEpoch(long otherEpoch) {
        return epoch == null || epoch == otherEpoch;
    }
}
