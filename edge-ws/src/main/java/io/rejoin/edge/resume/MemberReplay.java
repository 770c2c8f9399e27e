package io.rejoin.edge.resume;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.edge.room.LocalRoom;
import io.rejoin.edge.room.Membership;
import java.util.stream.IntStream;

/** The progress of a {@link CatchUp} for one member. Queues pages of history for it. Uses no threads and no I/O. */
public final class MemberReplay {
    private static final int MAX_PAGE = 200;
    private static final int MIN_PAGE = 10;

    private final LocalRoom room;
    private final Membership member;
    /** Lower when the client's outbox has no space for a whole page. */
    private int pageLimit = MAX_PAGE;
    private int refusedLength;

    public MemberReplay(LocalRoom room, Membership member) {
        this.room = room;
        this.member = member;
    }

    public Membership member() {
        return member;
    }

    /** Queues the room's recent frames for the member, and returns what to do next. */
    public LocalRoom.CatchUpStep advance() {
        var step = room.advance(member);
        refusedLength = step instanceof LocalRoom.CatchUpStep.AwaitOutbox(var length) ? length : 0;
        return step;
    }

    /** The length of the frame that did not fit into the outbox; 0 if none was refused. */
    public int refusedLength() {
        return refusedLength;
    }

    /** The maximum number of messages for the next page. */
    public int pageLimit() {
        return pageLimit;
    }

    /**
     * Queues the messages of a page.
     *
     * @param isRetry whether the last read was of no use, too. A first empty page may be read while history stores the
     *                messages; only a second one shows a hole
     * @return false if the page is of no use
     */
    public boolean queuePage(FramedPage framed, LocalRoom.CatchUpStep.Read read, boolean isRetry) {
        var page = framed.page();
        if (page.epoch() != read.epoch()) return false;
        if (page.messages().isEmpty()) {
            if (page.head() < read.to() || !isRetry) return false;
            room.handleHoleUpTo(member, read.epoch(), read.to());
            return true;
        }
        keepForOthers(framed, read.epoch());
        var messages = page.messages();
        var queued = 0;
        while (queued < messages.size()) {
            var frame = framed.frame(queued);
            if (!room.queueReplayed(member, read.epoch(), messages.get(queued).seq(), frame)) {
                refusedLength = frame.length;
                break;
            }
            queued++;
        }
        pageLimit = queued == messages.size() ? MAX_PAGE : Math.max(MIN_PAGE, queued);
        return true;
    }

    /**
     * Adds a page to the room's recent frames, for other members that miss the same messages. It encodes the whole page
     * only if the frames before it are not kept. A page with an erased message is not kept: a router may repeat
     * the original, and {@link LocalRoom#checkSeq} would then find a different frame.
     */
    private void keepForOthers(FramedPage framed, long epoch) {
        var page = framed.page();
        var last = page.messages().getLast().seq();
        if (!isWithoutHoles(page) || hasErased(page) || !room.canPrepend(epoch, last)) return;
        room.prepend(epoch, last, IntStream.range(0, page.messages().size()).mapToObj(framed::frame).toList());
    }

    private static boolean hasErased(ReplayPage page) {
        return page.messages().stream().anyMatch(message -> message.erased() != null);
    }

    private static boolean isWithoutHoles(ReplayPage page) {
        var messages = page.messages();
        return messages.getLast().seq() - messages.getFirst().seq() == messages.size() - 1;
    }
}
