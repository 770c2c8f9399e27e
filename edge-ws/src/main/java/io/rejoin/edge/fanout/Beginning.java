package io.rejoin.edge.fanout;

import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a member begins in its room.
 *
 * @param position the last seq it is taken to have
 * @param resync   what to announce once it has everything up to the room's last seq at the join; null if nothing
 */
record Beginning(long position, ServerFrame.@Nullable Resync resync) {
    /**
     * Where the client wants to begin, as far as that makes sense in this room.
     *
     * @param after      without it, the room begins now
     * @param afterEpoch the epoch that a seq in {@code after} counts in, if the client knows it
     */
    static Beginning of(@Nullable After after, @Nullable Long afterEpoch, Delivery.Joined joined) {
        var head = joined.seq();
        if (after == null) return new Beginning(head, null);
        var room = joined.room().name();
        var from = switch (after) {
            case After.Seq(var seq) -> isKnown(afterEpoch, joined) || (seq == 0 && wasEmpty(afterEpoch, joined))
                    ? seq
                    : Long.MAX_VALUE;
            case After.Cursor() -> Objects.requireNonNullElse(joined.cursor(), 0L);
            case After.Last(var count) -> Math.max(0, head - count);
        };
        if (from <= head)
            return new Beginning(from, new ServerFrame.Resync(room, from + 1, head, ServerFrame.Outcome.FULL));
        return new Beginning(head, new ServerFrame.Resync(room, head + 1, head, ServerFrame.Outcome.UNRECOVERABLE));
    }

    /** Whether that epoch of the room is over and is known to have held no message: nothing of it can be missing. */
    static boolean wasEmpty(@Nullable Long epoch, Delivery.Joined joined) {
        return epoch != null && joined.emptySince() != null && epoch > joined.emptySince() && epoch < joined.epoch();
    }

    private static boolean isKnown(@Nullable Long epoch, Delivery.Joined joined) {
        return epoch == null || epoch == joined.epoch();
    }
}
