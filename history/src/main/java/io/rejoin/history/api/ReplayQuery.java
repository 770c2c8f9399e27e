package io.rejoin.history.api;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.store.PageRequest;
import java.time.Duration;

/**
 * A parsed request to the replay API.
 *
 * @param request the messages that the client asks for
 * @param maxWait how long to wait until all of them are stored; zero returns the stored ones at once
 */
record ReplayQuery(PageRequest request, Duration maxWait) {
    /**
     * Whether the page is complete: it is full, or it reaches the last requested seq. Waiting would then add nothing.
     */
    boolean isSatisfiedBy(ReplayPage page) {
        return isSatisfiedBy(page.epoch(), page.head());
    }

    /** Like {@link #isSatisfiedBy(ReplayPage)}, for a room whose last message has that epoch and seq. */
    boolean isSatisfiedBy(long epoch, long head) {
        return switch (request.range()) {
            case PageRequest.Range.Forward(var after, var to) ->
                request.acceptsEpoch(epoch) && head >= Math.min(to, after + request.limit());
            case PageRequest.Range.Backward _ -> true;
        };
    }
}
