package io.rejoin.edge.resume;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.edge.metrics.FanOutMeters;
import java.io.IOException;

/** Counts the page reads of another {@link HistoryReads}, and their failures. */
public final class CountedReads implements HistoryReads {
    private final HistoryReads reads;
    private final FanOutMeters meters;

    public CountedReads(HistoryReads reads, FanOutMeters meters) {
        this.reads = reads;
        this.meters = meters;
    }

    @Override
    public ReplayPage read(RoomId room, long epoch, long after, long to, int limit)
            throws IOException, InterruptedException {
        try {
            var page = reads.read(room, epoch, after, to, limit);
            meters.countPage();
            return page;
        } catch (IOException e) {
            meters.countFailedPage();
            throw e;
        }
    }

    @Override
    public boolean awaitStored(RoomId room, long epoch, long after) throws IOException, InterruptedException {
        return reads.awaitStored(room, epoch, after);
    }
}
