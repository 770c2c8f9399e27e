package io.rejoin.history.store;

import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a page from messages in reading order: ascending, or descending for a backward read. The page ends at the
 * requested number of messages or at the byte limit of a page. The first message is always added. No I/O; not safe for
 * several threads.
 */
final class PageBuilder {
    private final PageRequest request;
    private final List<StoredMessage> messages = new ArrayList<>();
    private int bytes;
    private boolean hasMore;

    PageBuilder(PageRequest request) {
        this.request = request;
    }

    /** Whether the next message fits. If not, the page is complete, and there is another page. */
    boolean checkFits(int messageBytes) {
        hasMore = messages.size() == request.limit()
                || (!messages.isEmpty() && bytes + messageBytes > ReplayCodec.PAGE_BYTES);
        return !hasMore;
    }

    void add(StoredMessage message, int messageBytes) {
        messages.add(message);
        bytes += messageBytes;
    }

    /**
     * How many more rows to read: as many as probably fit by the average size so far, and one more. The extra row shows
     * whether there is another page.
     */
    int rowsToRead() {
        var average = Math.max(1, bytes / Math.max(1, messages.size()));
        var fittingCount = Math.max(0, ReplayCodec.PAGE_BYTES - bytes) / average;
        return Math.min(request.limit() - messages.size(), fittingCount) + 1;
    }

    /** Builds the page. The head may be older than the messages, so the page uses the later of both. */
    ReplayPage build(Head head) {
        var isBackward = request.range() instanceof PageRequest.Range.Backward;
        var ascending = isBackward ? messages.reversed() : messages;
        var seq = ascending.isEmpty() ? head.seq() : Math.max(head.seq(), ascending.getLast().seq());
        var next = !hasMore ? null : isBackward ? ascending.getFirst().seq() : ascending.getLast().seq();
        return new ReplayPage(request.room(), head.epoch(), seq, ascending, next);
    }
}
