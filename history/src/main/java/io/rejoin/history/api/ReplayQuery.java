package io.rejoin.history.api;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.store.PageRequest;
import java.time.Duration;

/**
 * What a client of the replay API wants.
 *
 * @param request  which messages
 * @param patience how long to wait until all of them are there; zero takes what is
 */
record ReplayQuery(PageRequest request, Duration patience) {
    /** Whether waiting cannot make this page better: it is full, or it reaches the last seq that was asked for. */
    boolean isMetBy(ReplayPage page) {
        return isMetBy(page.epoch(), page.head());
    }

    /** The same, of a room whose last message is that one. */
    boolean isMetBy(long epoch, long head) {
        return switch (request.range()) {
            case PageRequest.Range.Forward(var after, var to) ->
                request.wants(epoch) && head >= Math.min(to, after + request.limit());
            case PageRequest.Range.Backward _ -> true;
        };
    }
}
