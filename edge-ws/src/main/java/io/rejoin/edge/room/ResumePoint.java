package io.rejoin.edge.room;

import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The position where a member begins in its room.
 *
 * @param position the last seq that the client is assumed to have
 * @param resync   the frame to send once the member has all messages up to the room's seq at the join; null for none
 */
record ResumePoint(long position, ServerFrame.@Nullable Resync resync) {
    /**
     * Computes the position from the client's request. An impossible request begins at the head, as unrecoverable.
     *
     * @param after      what the client asked for; null to begin at the head
     * @param afterEpoch the epoch of a seq in {@code after}; null if the client does not know it
     */
    static ResumePoint of(@Nullable After after, @Nullable Long afterEpoch, Delivery.Joined joined) {
        var head = joined.seq();
        if (after == null) return new ResumePoint(head, null);
        var room = joined.room().name();
        var from = switch (after) {
            case After.Seq(var seq) -> isKnown(afterEpoch, joined) || (seq == 0 && wasEmpty(afterEpoch, joined))
                    ? seq
                    : Long.MAX_VALUE;
            case After.Cursor() -> Objects.requireNonNullElse(joined.cursor(), 0L);
            case After.Last(var count) -> Math.max(0, head - count);
        };
        if (from <= head)
            return new ResumePoint(from, new ServerFrame.Resync(room, from + 1, head, ServerFrame.Outcome.FULL));
        return new ResumePoint(head, new ServerFrame.Resync(room, head + 1, head, ServerFrame.Outcome.UNRECOVERABLE));
    }

    /** Whether that epoch of the room is over and held no message, so that none can be missing. */
    static boolean wasEmpty(@Nullable Long epoch, Delivery.Joined joined) {
        return epoch != null && joined.emptySince() != null && epoch > joined.emptySince() && epoch < joined.epoch();
    }

    private static boolean isKnown(@Nullable Long epoch, Delivery.Joined joined) {
        return epoch == null || epoch == joined.epoch();
    }
}
