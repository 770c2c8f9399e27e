package io.rejoin.edge.fanout;

import io.rejoin.contracts.replay.ReplayPage;
import java.util.stream.IntStream;

/** The progress of a {@link CatchUp} for one member. Queues pages of history for it. Uses no threads and no I/O. */
final class Replay {
    private static final int PAGE = 200;
    private static final int SMALL_PAGE = 10;

    private final Room room;
    private final Membership member;
    /** Lower when the client's outbox has no room for a whole page. */
    private int limit = PAGE;
    private int refused;

    Replay(Room room, Membership member) {
        this.room = room;
        this.member = member;
    }

    Membership member() {
        return member;
    }

    /** Queues what the room's tail holds for the member, and returns what to do next. */
    Room.Step advance() {
        var step = room.advance(member);
        refused = step instanceof Room.Step.AwaitOutbox(var length) ? length : 0;
        return step;
    }

    /** The length of the frame that did not fit into the outbox; 0 if none was refused. */
    int refused() {
        return refused;
    }

    /** The maximum number of messages for the next page. */
    int limit() {
        return limit;
    }

    /**
     * Queues the messages of a page.
     *
     * @param again whether the last read was of no use, too. A first empty page may be read while history stores the
     *              messages; only a second one shows a hole
     * @return false if the page is of no use
     */
    boolean take(FramedPage framed, Room.Step.Read read, boolean again) {
        var page = framed.page();
        if (page.epoch() != read.epoch()) return false;
        if (page.messages().isEmpty()) {
            if (page.head() < read.to() || !again) return false;
            room.gone(member, read.epoch(), read.to());
            return true;
        }
        keep(framed, read.epoch());
        var messages = page.messages();
        var taken = 0;
        while (taken < messages.size()) {
            var frame = framed.frame(taken);
            if (!room.replay(member, read.epoch(), messages.get(taken).seq(), frame)) {
                refused = frame.length;
                break;
            }
            taken++;
        }
        limit = taken == messages.size() ? PAGE : Math.max(SMALL_PAGE, taken);
        return true;
    }

    /**
     * Puts a page into the room's tail, for other members that miss the same messages. It encodes the whole page only
     * if the tail lacks it. A page with an erased message is not kept: a router may repeat the original, and
     * {@link Room#fit} would then find a different frame.
     */
    private void keep(FramedPage framed, long epoch) {
        var page = framed.page();
        var last = page.messages().getLast().seq();
        if (!isDense(page) || hasErased(page) || !room.lacks(epoch, last)) return;
        room.keep(epoch, last, IntStream.range(0, page.messages().size()).mapToObj(framed::frame).toList());
    }

    private static boolean hasErased(ReplayPage page) {
        return page.messages().stream().anyMatch(message -> message.erased() != null);
    }

    private static boolean isDense(ReplayPage page) {
        var messages = page.messages();
        return messages.getLast().seq() - messages.getFirst().seq() == messages.size() - 1;
    }
}
