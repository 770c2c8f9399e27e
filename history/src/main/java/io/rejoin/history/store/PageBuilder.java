package io.rejoin.history.store;

import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects a page from messages in the order they are read: ascending, or descending if it reads backward. It ends with as
 * many as were asked for, or as many bytes as a page may have; one message it takes in any case. Pure; of one thread.
 */
final class PageBuilder {
    private final PageRequest request;
    private final List<StoredMessage> messages = new ArrayList<>();
    private int bytes;
    private boolean hasMore;

    PageBuilder(PageRequest request) {
        this.request = request;
    }

    /** Whether the next message goes in; if not, the page is done, and there is another one. */
    boolean admits(int messageBytes) {
        hasMore = messages.size() == request.limit()
                || (!messages.isEmpty() && bytes + messageBytes > ReplayCodec.PAGE_BYTES);
        return !hasMore;
    }

    void add(StoredMessage message, int messageBytes) {
        messages.add(message);
        bytes += messageBytes;
    }

    /** How many more may be worth reading: as many as have room if they are like those so far, and the one that has none. */
    int missing() {
        var average = Math.max(1, bytes / Math.max(1, messages.size()));
        var fitting = Math.max(0, ReplayCodec.PAGE_BYTES - bytes) / average;
        return Math.min(request.limit() - messages.size(), fitting) + 1;
    }

    /** The page. The messages may have been read after the head, which may have moved in between. */
    ReplayPage build(Head head) {
        var backward = request.range() instanceof PageRequest.Range.Backward;
        var ascending = backward ? messages.reversed() : messages;
        var seq = ascending.isEmpty() ? head.seq() : Math.max(head.seq(), ascending.getLast().seq());
        var next = !hasMore ? null : backward ? ascending.getFirst().seq() : ascending.getLast().seq();
        return new ReplayPage(request.room(), head.epoch(), seq, ascending, next);
    }
}
