package io.rejoin.history.store;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.List;

/** Makes a page of what was read, from the table or from the tail. Pure. */
final class Pages {
    private Pages() {}

    /**
     * @param found ascending; one more than the request's limit where there are more
     */
    static ReplayPage of(PageRequest request, Head head, List<StoredMessage> found) {
        var more = found.size() > request.limit();
        var backward = request.range() instanceof PageRequest.Range.Backward;
        var messages = !more ? found : backward ? found.subList(1, found.size()) : found.subList(0, request.limit());
        // The rows were read after the head, which may have moved in between
        var seq = messages.isEmpty() ? head.seq() : Math.max(head.seq(), messages.getLast().seq());
        var next = !more ? null : backward ? messages.getFirst().seq() : messages.getLast().seq();
        return new ReplayPage(request.room(), head.epoch(), seq, messages, next);
    }
}
