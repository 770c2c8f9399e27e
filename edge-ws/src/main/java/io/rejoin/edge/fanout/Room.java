package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.fanout.Membership.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A room as one edge sees it: its local members, the last seq that came, and the last frames, which carry a member over from
 * replay to live without a gap or a duplicate.
 *
 * <p>A live member's position is the head. One that falls behind, for whatever reason, is replaying until a {@link CatchUp}
 * has brought it to the head again. All methods hold the monitor, briefly and without I/O.
 */
final class Room {
    private static final int TAIL_FRAMES = 128;
    private static final int TAIL_BYTES = 128 * 1024;

    private record TailFrame(long seq, byte[] bytes) {}

    /** What a {@link CatchUp} does next. */
    sealed interface Step {
        /** The member is live, or gone. */
        record Done() implements Step {}

        /** The client must drain its outbox first. */
        record AwaitRoom() implements Step {}

        /** Messages after {@code after} are missing here; history has them, or will have them, up to {@code to}. */
        record Read(long epoch, long after, long to) implements Step {}
    }

    private final RoomId id;
    private final Set<Membership> members = new LinkedHashSet<>();
    private final Deque<TailFrame> tail = new ArrayDeque<>();
    private int tailBytes;
    private long epoch;
    private long head;

    Room(RoomId id) {
        this.id = id;
    }

    /**
     * A connection of ours has joined.
     *
     * @return the members that have to be caught up now
     */
    synchronized List<Membership> joined(Membership member, Delivery.Joined joined) {
        var behind = new ArrayList<Membership>();
        if (epoch != joined.epoch()) {
            begin(joined.epoch(), joined.seq());
        } else if (joined.seq() > head) {
            skipTo(joined.seq(), behind);
        }
        if (member.state == State.ENDED) return behind;
        members.add(member);
        if (member.state == State.JOINING) welcome(member, joined, behind);
        return behind;
    }

    /** The room's next message. As {@link #joined} in what it returns. */
    synchronized List<Membership> message(Delivery.Message message, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (message.epoch() != epoch) {
            if (message.epoch() < epoch) return behind;
            begin(message.epoch(), message.seq() - 1);
        }
        if (message.seq() <= head) return behind;
        if (message.seq() > head + 1) skipTo(message.seq() - 1, behind);
        head = message.seq();
        keep(new TailFrame(head, frame));
        for (var member : members) {
            if (member.state == State.LIVE && !queue(member, head, frame)) fallBehind(member, behind);
        }
        return behind;
    }

    /** Something for every member that has no seq. */
    synchronized void presence(byte[] frame) {
        for (var member : members) {
            if (!member.receiver().offer(frame)) member.presenceMissed = true;
        }
    }

    /** The member is no more; true when it was the last one. */
    synchronized boolean left(Membership member) {
        member.state = State.ENDED;
        members.remove(member);
        return members.isEmpty();
    }

    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    /** Brings a replaying member as far as the tail can, and says what is to be done next. */
    synchronized Step advance(Membership member) {
        if (member.state != State.REPLAYING) return new Step.Done();
        if (member.position < head - tail.size()) return new Step.Read(epoch, member.position, head);
        for (var frame : tail) {
            if (frame.seq() > member.position && !queue(member, frame.seq(), frame.bytes())) return new Step.AwaitRoom();
        }
        member.state = State.LIVE;
        if (member.presenceMissed) {
            member.presenceMissed = false;
            member.receiver().refreshPresence(id);
        }
        return new Step.Done();
    }

    /**
     * Queues a message that was read from history.
     *
     * @return false when the client must drain its outbox first
     */
    synchronized boolean replay(Membership member, long ofEpoch, long seq, byte[] frame) {
        if (member.state != State.REPLAYING || ofEpoch != epoch || seq <= member.position) return true;
        if (seq > member.position + 1 && !admitHole(member, seq)) return true;
        return queue(member, seq, frame);
    }

    /** History begins later than the member's position: a resume says so; a live member must come back and resume. */
    private boolean admitHole(Membership member, long first) {
        var resync = member.resync;
        if (resync == null || first > resync.to()) {
            member.receiver().close(CloseCode.SERVICE_RESTART, "messages are missing here: resume to learn which");
            return false;
        }
        member.resync = new ServerFrame.Resync(resync.room(), first, resync.to(), ServerFrame.Outcome.PARTIAL);
        return true;
    }

    private void welcome(Membership member, Delivery.Joined joined, List<Membership> behind) {
        var names = joined.members().stream().map(UserId::name).toList();
        member.receiver().reply(new ServerFrame.JoinAck(id.name(), member.user(), member.joinId(), joined.seq(),
                joined.epoch(), names, joined.count()));
        member.state = State.LIVE;
        member.position = head;
        var after = member.after();
        if (after == null) return;
        var from = switch (after) {
            case After.Seq(var seq) -> seq;
            case After.Last(var count) -> Math.max(0, head - count);
        };
        if (from > head || !Objects.requireNonNullElse(member.afterEpoch(), epoch).equals(epoch)) {
            member.receiver().reply(
                    new ServerFrame.Resync(id.name(), head + 1, head, ServerFrame.Outcome.UNRECOVERABLE));
            return;
        }
        member.position = from;
        member.resync = new ServerFrame.Resync(id.name(), from + 1, head, ServerFrame.Outcome.FULL);
        announceResync(member);
        if (from < head) fallBehind(member, behind);
    }

    private boolean queue(Membership member, long seq, byte[] frame) {
        if (!member.receiver().offer(frame)) return false;
        member.position = seq;
        announceResync(member);
        return true;
    }

    private static void announceResync(Membership member) {
        var resync = member.resync;
        if (resync == null || member.position < resync.to()) return;
        member.receiver().reply(resync);
        member.resync = null;
    }

    /** The room starts anew for this edge. Whoever counted in another epoch must come back to learn what that means. */
    private void begin(long newEpoch, long newHead) {
        for (var member : members) {
            member.receiver().close(CloseCode.SERVICE_RESTART, "the room began anew: resume to learn from where");
        }
        epoch = newEpoch;
        head = newHead;
        clearTail();
    }

    /** Messages up to there were not delivered to this edge: everyone fetches them from history before going on. */
    private void skipTo(long newHead, List<Membership> behind) {
        head = newHead;
        clearTail();
        for (var member : members) {
            if (member.state == State.LIVE) fallBehind(member, behind);
        }
    }

    private static void fallBehind(Membership member, List<Membership> behind) {
        member.state = State.REPLAYING;
        behind.add(member);
    }

    private void keep(TailFrame frame) {
        tail.addLast(frame);
        tailBytes += frame.bytes().length;
        while (tail.size() > TAIL_FRAMES || tailBytes > TAIL_BYTES) {
            tailBytes -= tail.removeFirst().bytes().length;
        }
    }

    private void clearTail() {
        tail.clear();
        tailBytes = 0;
    }
}
