package io.rejoin.edge.fanout;

import io.rejoin.contracts.replay.ReplayPage;
import java.util.stream.IntStream;

/** How far a {@link CatchUp} has brought one member, and what it makes of a page. Without threads and I/O. */
final class Replay {
    private static final int PAGE = 200;
    private static final int SMALL_PAGE = 10;

    private final Room room;
    private final Membership member;
    /** Less when the client's outbox has no room for a whole page. */
    private int limit = PAGE;
    private int refused;

    Replay(Room room, Membership member) {
        this.room = room;
        this.member = member;
    }

    Membership member() {
        return member;
    }

    /** Brings the member as far as the room's tail can, and says what is to be done next. */
    Room.Step advance() {
        var step = room.advance(member);
        refused = step instanceof Room.Step.Again(var length) ? length : 0;
        return step;
    }

    /** How long the frame is that found no room; 0 when none was refused. */
    int refused() {
        return refused;
    }

    /** How many messages the next page should have at most. */
    int limit() {
        return limit;
    }

    /**
     * Replays a page that was read.
     *
     * @param again whether the one before was of no use either: it may have been read while history was taking the messages in
     * @return false when the page is of no use
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
     * For the others that miss the same. Most find it there already: the page is encoded whole only for who does not. What is left
     * of an erased message is not kept: it is not what was delivered, which a router may say once more.
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
