package io.rejoin.edge.resume;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayPage;
import java.io.IOException;

/** Reads missed messages from history. Blocks; safe for any thread. */
public interface HistoryReads {
    /**
     * Reads the first page of the messages after a seq, as far as history has stored them.
     *
     * @param after the seq before the first wanted message
     * @param to    the last wanted seq
     * @param limit the maximum number of messages in the page. It may have fewer although history has more
     * @throws IOException if history cannot be reached, or cannot answer now
     */
    ReplayPage read(RoomId room, long epoch, long after, long to, int limit) throws IOException, InterruptedException;

    /**
     * Waits a few seconds at most for history to store the message after a seq.
     *
     * @return whether history has stored it
     */
    default boolean awaitStored(RoomId room, long epoch, long after) throws IOException, InterruptedException {
        return false;
    }
}
