package io.rejoin.edge.fanout;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.fanout.Membership.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A room as one edge sees it: its local members, the last seq that came, and the last frames, which carry a member over from
 * replay to live without a gap or a duplicate.
 *
 * <p>A live member's position is the head. One that falls behind, for whatever reason, is replaying until a {@link CatchUp}
 * has brought it to the head again. All methods hold the monitor, briefly and without I/O; those that return a list return
 * the members that have to be caught up from now on.
 */
final class Room {
    /** What a {@link CatchUp} does next. */
    sealed interface Step {
        /** The member is live, or gone. */
        record Done() implements Step {}

        /** The client has to drain its outbox until there is room for a frame of that length. */
        record Again(int length) implements Step {}

        /** The messages beyond {@code after} up to {@code to} are not here; history has them, or will have them. */
        record Read(long epoch, long after, long to) implements Step {}
    }

    /** How a message goes with what came before it. */
    enum Fit {
        /** The next one, or the first that comes. */
        NEXT,
        /** Messages before it did not come. */
        AHEAD,
        /** It, or what is known to be beyond it, was here. */
        REPEATED,
        /** Another one was here in its place. */
        CHANGED
    }

    /**
     * Presence was told.
     *
     * @param behind members that have to be caught up from now on
     * @param next   after what time {@link #presenceDue} has to be called; null for not at all, or as was said before
     */
    record Told(List<Membership> behind, @Nullable Duration next) {
        private static final Told NOTHING = new Told(List.of(), null);
    }

    /** So far apart comings and goings are told at least: a millisecond for each member here, within these. */
    private static final int LEAST_PRESENCE_MS = 100;
    private static final int MOST_PRESENCE_MS = 1_000;

    private final Set<Membership> members = new LinkedHashSet<>();
    private final Tail tail;
    private long epoch;
    /** Comings and goings that wait to be told together; null where none wait. */
    private @Nullable PresenceChanges together;
    /** When one was told last, by the stopwatch. */
    private long presenceToldAt;
    private boolean hasToldPresence;

    Room(MemoryBudget budget) {
        this.tail = new Tail(budget);
    }

    /** A connection of ours has joined; or has joined again, under a new incarnation of this edge. */
    synchronized List<Membership> joined(Membership member, Delivery.Joined joined) {
        var behind = new ArrayList<Membership>();
        if (epoch != joined.epoch()) {
            if (tail.head() == 0 && Beginning.wasEmpty(epoch, joined)) goOnIn(joined, behind);
            else
                begin(joined.epoch(), joined.seq());
        } else if (joined.seq() > tail.head()) {
            skipTo(joined.seq(), behind);
        }
        switch (member.state) {
            case JOINING -> {
                members.add(member);
                member.begin(joined);
                if (member.position < tail.head()) fallBehind(member, behind);
            }
            case LIVE, REPLAYING -> member.beginAgain(joined);
            case ENDED -> {
                // it left, or was sent away, meanwhile
            }
        }
        return behind;
    }

    /** What {@link #message} will find; only deliveries move the head. */
    synchronized Fit fit(Delivery.Message message, byte[] frame) {
        if (members.isEmpty() || message.epoch() > epoch) return Fit.NEXT;
        if (message.epoch() < epoch) return Fit.REPEATED;
        if (message.seq() > tail.head()) return message.seq() == tail.head() + 1 ? Fit.NEXT : Fit.AHEAD;
        var before = tail.frame(message.seq());
        return before == null || Arrays.equals(before, frame) ? Fit.REPEATED : Fit.CHANGED;
    }

    /** The room's next message. */
    synchronized List<Membership> message(Delivery.Message message, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (members.isEmpty()) return behind; // the last one has just left: what is kept here would be kept for nobody
        if (message.epoch() < epoch || (message.epoch() == epoch && message.seq() <= tail.head())) return behind;
        if (message.epoch() > epoch) begin(message.epoch(), message.seq() - 1);
        if (message.seq() > tail.head() + 1) skipTo(message.seq() - 1, behind);
        tail.add(frame);
        for (var member : members) {
            if (member.state == State.LIVE && !member.queue(tail.head(), frame)) fallBehind(member, behind);
        }
        return behind;
    }

    /**
     * A coming or going: told at once, unless another one was a moment ago. Then it waits for {@link #presenceDue}, so that many who
     * come at once cost each member a few frames. A member that has no room for it is told who is there as soon as it has. Whoever
     * was told of it with the answer to its join, or in a list, is not told again: so nobody hears of its own coming.
     */
    synchronized Told presence(Delivery.Presence change, long now) {
        if (members.isEmpty()) return Told.NOTHING;
        var behind = new ArrayList<Membership>();
        if (together != null) {
            addTo(together, change, behind);
            return new Told(behind, null);
        }
        var pause = presencePause(now);
        if (pause.isPositive()) {
            together = PresenceChanges.of(change);
            return new Told(behind, pause);
        }
        tellPresence(PresenceChanges.of(change), now, behind);
        return new Told(behind, null);
    }

    private void addTo(PresenceChanges waiting, Delivery.Presence change, List<Membership> behind) {
        if (waiting.isFull()) {
            tell(waiting, false, behind);
            waiting.cut();
        }
        waiting.add(change);
    }

    /** The time is over in which comings and goings waited. */
    synchronized Told presenceDue(long now) {
        var due = together;
        together = null;
        if (due == null || due.isEmpty() || members.isEmpty()) return Told.NOTHING;
        var behind = new ArrayList<Membership>();
        tellPresence(due, now, behind);
        return new Told(behind, null);
    }

    private void tellPresence(PresenceChanges changes, long now, List<Membership> behind) {
        if (!tell(changes, true, behind)) return;
        hasToldPresence = true;
        presenceToldAt = now;
    }

    /** For how long nothing may be told, after what was told last. */
    private Duration presencePause(long now) {
        if (!hasToldPresence) return Duration.ZERO;
        var pause = Duration.ofMillis(Math.clamp(members.size(), LEAST_PRESENCE_MS, MOST_PRESENCE_MS));
        return pause.minusNanos(now - presenceToldAt);
    }

    /**
     * Tells the members what each does not know.
     *
     * @param alsoTogether whether those are told, too, who take one difference for all
     * @return whether anybody was to be told
     */
    private boolean tell(PresenceChanges changes, boolean alsoTogether, List<Membership> behind) {
        var isNews = false;
        for (var member : members) {
            var takesDiffs = member.receiver().takesPresenceDiffs();
            if (takesDiffs && !alsoTogether) continue;
            var known = member.presenceVersion;
            var frames = takesDiffs ? changes.together(known) : changes.each(known);
            isNews |= !frames.isEmpty();
            if (frames.stream().allMatch(member.receiver()::offer)) continue;
            member.presenceMissed = true;
            if (member.state == State.LIVE) fallBehind(member, behind);
        }
        return isNews;
    }

    /**
     * Who is here, for one who has asked. It says nothing to a member that was told of a later presence, when it was joined say. A
     * room that is gone has none: its version is 0. What waits to be told and is in the list is not told to that member.
     */
    synchronized void listed(Membership member, Delivery.MemberList list) {
        if (member.isIn() && list.version() < member.presenceVersion) member.receiver().askedTooEarly(list);
        else if (member.receiver().listed(list) && member.isIn()) member.presenceVersion = list.version();
    }

    /** Another device of the member's user has acknowledged. What there is no room for is said as soon as there is. */
    synchronized List<Membership> cursor(Membership member, Delivery.Cursor moved, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (moved.epoch() != epoch || !member.isIn() || member.acknowledged(moved.seq(), frame)) return behind;
        if (member.state == State.LIVE) fallBehind(member, behind);
        return behind;
    }

    /** The member's own client has acknowledged, and need not be told. */
    synchronized void acknowledged(Membership member, Delivery.Cursor moved) {
        if (moved.epoch() == epoch) member.cursor = Math.max(member.cursor, moved.seq());
    }

    /** The frame of a message; null when it is not here any more, or not yet. */
    synchronized byte @Nullable [] kept(long ofEpoch, long seq) {
        return ofEpoch == epoch ? tail.frame(seq) : null;
    }

    /** Whether one of the members has had that message: whoever has not will have it in its order. */
    synchronized boolean hasHad(List<Membership> some, long ofEpoch, long seq) {
        return some.stream().anyMatch(member -> hasHad(member, ofEpoch, seq));
    }

    /** A message once more, for those of the members that have had it. It moves nobody, and is dropped where there is no room. */
    synchronized void again(List<Membership> some, long ofEpoch, long seq, byte[] frame) {
        for (var member : some) {
            if (hasHad(member, ofEpoch, seq)) member.receiver().offer(frame);
        }
    }

    private boolean hasHad(Membership member, long ofEpoch, long seq) {
        return ofEpoch == epoch && member.isIn() && seq <= member.position;
    }

    /** The member is no more; true when it was the last one. */
    synchronized boolean left(Membership member) {
        member.state = State.ENDED;
        members.remove(member);
        if (!members.isEmpty()) return false;
        tail.reset(tail.head());
        together = null;
        return true;
    }

    /** The member is no more, if it was still to be joined and that holds. */
    synchronized boolean leftIfJoining(Membership member, BooleanSupplier holds) {
        if (member.state != State.JOINING || !holds.getAsBoolean()) return false;
        left(member);
        return true;
    }

    /** Whoever follows live. */
    synchronized List<Receiver> live() {
        return members.stream().filter(member -> member.state == State.LIVE).map(Membership::receiver).toList();
    }

    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    /** Brings a replaying member as far as the tail can, and says what is to be done next. */
    synchronized Step advance(Membership member) {
        if (member.state != State.REPLAYING) return new Step.Done();
        if (member.position < tail.first() - 1) return new Step.Read(epoch, member.position, tail.first() - 1);
        var seq = tail.first();
        for (var frame : tail.frames()) {
            if (seq > member.position && !member.queue(seq, frame)) return new Step.Again(frame.length);
            seq++;
        }
        member.state = State.LIVE;
        member.sayWhatWasMissed(epoch);
        return new Step.Done();
    }

    /**
     * Queues a message that was read from history.
     *
     * @return false when the client must drain its outbox first
     */
    synchronized boolean replay(Membership member, long ofEpoch, long seq, byte[] frame) {
        if (member.state != State.REPLAYING || ofEpoch != epoch) return true;
        if (seq <= member.position || seq > tail.head()) return true; // it has it, or will have it live
        return (seq == member.position + 1 || admitHole(member, seq)) && member.queueCopy(seq, frame);
    }

    /** Keeps no message any more, until the next one comes. */
    synchronized void forgetMessages() {
        tail.reset(tail.head());
    }

    /** Whether it would {@link #keep} messages up to that one. */
    synchronized boolean lacks(long ofEpoch, long last) {
        return ofEpoch == epoch && !members.isEmpty() && last == tail.first() - 1 && tail.hasRoomBefore();
    }

    /** Keeps what was read from history, if the tail goes on where it ends: others that come back now miss the same. */
    synchronized void keep(long ofEpoch, long last, List<byte[]> frames) {
        if (lacks(ofEpoch, last)) tail.addBefore(frames);
    }

    /** History has gone beyond {@code upTo} and keeps nothing between the member's position and there. */
    synchronized void gone(Membership member, long ofEpoch, long upTo) {
        if (member.state != State.REPLAYING || ofEpoch != epoch || upTo <= member.position) return;
        admitHole(member, upTo + 1);
    }

    /** History begins later than the member's position: a resume says so; a live member must come back and resume. */
    private boolean admitHole(Membership member, long first) {
        var resync = member.resync;
        if (resync == null || first > resync.to() + 1) {
            member.receiver().close(CloseCode.SERVICE_RESTART, "messages are missing here: resume to learn which");
            end(member);
            return false;
        }
        member.resync = new ServerFrame.Resync(resync.room(), first, resync.to(), ServerFrame.Outcome.PARTIAL);
        member.position = first - 1;
        member.announceResync();
        return true;
    }

    /**
     * The room was gone while nobody was in it, and is there again: nothing was ever posted to it, so its members, who believe
     * that they never left, have missed nothing but what was posted since.
     */
    private void goOnIn(Delivery.Joined joined, List<Membership> behind) {
        epoch = joined.epoch();
        if (joined.seq() > 0) skipTo(joined.seq(), behind);
    }

    /** The room starts anew for this edge. Whoever counted in another epoch must come back to learn what that means. */
    private void begin(long newEpoch, long newHead) {
        for (var member : List.copyOf(members)) {
            member.receiver().close(CloseCode.SERVICE_RESTART, "the room began anew: resume to learn from where");
            end(member);
        }
        epoch = newEpoch;
        tail.reset(newHead);
        if (together != null) together = new PresenceChanges(); // they were of those who are gone
    }

    /** Messages up to there were not delivered to this edge: everyone fetches them from history before going on. */
    private void skipTo(long newHead, List<Membership> behind) {
        tail.reset(newHead);
        for (var member : members) {
            if (member.state == State.LIVE) fallBehind(member, behind);
        }
    }

    private static void fallBehind(Membership member, List<Membership> behind) {
        member.state = State.REPLAYING;
        behind.add(member);
    }

    private void end(Membership member) {
        member.state = State.ENDED;
        members.remove(member);
    }
}
