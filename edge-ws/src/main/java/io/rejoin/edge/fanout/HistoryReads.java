package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayPage;
import java.io.IOException;

/** Where missed messages are read. Blocks; safe for any thread. */
public interface HistoryReads {
    /**
     * The first page of what came after a seq, as far as history has taken it in.
     *
     * @param to    the last seq that is of interest
     * @param limit most messages in the page, which may have fewer although there are more
     * @throws IOException when history cannot be reached, or cannot answer now
     */
    ReplayPage read(RoomId room, long epoch, long after, long to, int limit) throws IOException, InterruptedException;

    /**
     * Waits a little for history to take in what came after a seq.
     *
     * @return whether it has
     */
    default boolean awaitGrowth(RoomId room, long epoch, long after) throws IOException, InterruptedException {
        return false;
    }
}
