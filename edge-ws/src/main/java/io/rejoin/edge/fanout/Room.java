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
 * A room as one edge sees it: its local members, the last seq delivered, and the last frames. The frames let a member
 * change from replay to live without a gap or a duplicate.
 *
 * <p>A live member's position is the head. A member that falls behind is in state {@code REPLAYING} until a
 * {@link CatchUp} has brought it to the head again. All methods hold the monitor for a short time and do no I/O. A
 * method that returns a list returns the members that need a new {@link CatchUp}.
 */
final class Room {
    /** What a {@link CatchUp} does next. */
    sealed interface Step {
        /** The member is live or has ended. */
        record Done() implements Step {}

        /** The client has to drain its outbox until a frame of that length fits. */
        record AwaitOutbox(int length) implements Step {}

        /** The tail lacks the messages after {@code after} up to {@code to}. History has them, or will have them. */
        record Read(long epoch, long after, long to) implements Step {}
    }

    /** How a message's seq relates to the messages already delivered here. */
    enum Fit {
        /** The message is the next one, or the first one of its epoch or room. */
        NEXT,
        /** At least one message before this one was not delivered. */
        AHEAD,
        /** The head is already at this message or beyond. */
        REPEATED,
        /** A different message was delivered before with the same seq. */
        CHANGED
    }

    /**
     * The result of handling a presence change.
     *
     * @param behind members that need a new {@link CatchUp}
     * @param next   the delay after which to call {@link #presenceDue}; null if no call is needed or one is scheduled
     *               already
     */
    record PresenceResult(List<Membership> behind, @Nullable Duration next) {
        private static final PresenceResult NOTHING = new PresenceResult(List.of(), null);
    }

    /** Bounds of the pause between two presence announcements. The pause is one millisecond per local member. */
    private static final int LEAST_PRESENCE_MS = 100;
    private static final int MAX_PRESENCE_MS = 1_000;

    private final Set<Membership> members = new LinkedHashSet<>();
    private final Tail tail;
    private long epoch;
    /** Joins and leaves that wait for the next announcement; null while no announcement is scheduled. */
    private @Nullable PresenceChanges waitingChanges;
    /** The time of the last announcement, as {@code System.nanoTime()} gives it. */
    private long presenceToldAt;
    private boolean hasToldPresence;

    Room(MemoryBudget budget) {
        this.tail = new Tail(budget);
    }

    /** A local connection has joined, or has joined again under a new incarnation of this edge. */
    synchronized List<Membership> joined(Membership member, Delivery.Joined joined) {
        var behind = new ArrayList<Membership>();
        if (epoch != joined.epoch()) {
            if (tail.head() == 0 && ResumePoint.wasEmpty(epoch, joined)) continueInEpoch(joined, behind);
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
                // the member left, or this edge closed it, before the answer arrived
            }
        }
        return behind;
    }

    /**
     * Compares a message with those already delivered here. The result stays valid until the caller passes the message
     * to {@link #message}: only deliveries move the head, and they are handled one at a time.
     */
    synchronized Fit fit(Delivery.Message message, byte[] frame) {
        if (members.isEmpty() || message.epoch() > epoch) return Fit.NEXT;
        if (message.epoch() < epoch) return Fit.REPEATED;
        if (message.seq() > tail.head()) return message.seq() == tail.head() + 1 ? Fit.NEXT : Fit.AHEAD;
        var before = tail.frame(message.seq());
        return before == null || Arrays.equals(before, frame) ? Fit.REPEATED : Fit.CHANGED;
    }

    /** Delivers the room's next message to its live members. A message at or before the head is ignored. */
    synchronized List<Membership> message(Delivery.Message message, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (members.isEmpty()) return behind; // the last member has just left: nobody needs the frame
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
     * Handles a user's join or leave. It is announced at once, unless the last announcement was a moment ago. In that
     * case it waits for {@link #presenceDue}, so that many joins at once cost each member only a few frames.
     *
     * <p>If the frame does not fit into a member's outbox, that member gets the list of members once there is room. A
     * member does not get a change that its join answer or a later list included. So no user is informed of its own
     * join.
     */
    synchronized PresenceResult presence(Delivery.Presence change, long now) {
        if (members.isEmpty()) return PresenceResult.NOTHING;
        var behind = new ArrayList<Membership>();
        if (waitingChanges != null) {
            addTo(waitingChanges, change, behind);
            return new PresenceResult(behind, null);
        }
        var pause = presencePause(now);
        if (pause.isPositive()) {
            waitingChanges = PresenceChanges.of(change);
            return new PresenceResult(behind, pause);
        }
        tellPresence(PresenceChanges.of(change), now, behind);
        return new PresenceResult(behind, null);
    }

    private void addTo(PresenceChanges waiting, Delivery.Presence change, List<Membership> behind) {
        if (waiting.isFull()) {
            tell(waiting, false, behind);
            waiting.cut();
        }
        waiting.add(change);
    }

    /** Announces the joins and leaves that were waiting. To be called when the pause is over. */
    synchronized PresenceResult presenceDue(long now) {
        var due = waitingChanges;
        waitingChanges = null;
        if (due == null || due.isEmpty() || members.isEmpty()) return PresenceResult.NOTHING;
        var behind = new ArrayList<Membership>();
        tellPresence(due, now, behind);
        return new PresenceResult(behind, null);
    }

    private void tellPresence(PresenceChanges changes, long now, List<Membership> behind) {
        if (!tell(changes, true, behind)) return;
        hasToldPresence = true;
        presenceToldAt = now;
    }

    /** The rest of the pause after the last announcement; zero or negative when the pause is over. */
    private Duration presencePause(long now) {
        if (!hasToldPresence) return Duration.ZERO;
        var pause = Duration.ofMillis(Math.clamp(members.size(), LEAST_PRESENCE_MS, MAX_PRESENCE_MS));
        return pause.minusNanos(now - presenceToldAt);
    }

    /**
     * Sends each member the changes that it does not know.
     *
     * @param alsoTogether whether to include the members that take one {@code presence_diff} for all changes
     * @return whether there was a change that some member did not know
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
     * Sends the list of members to a member that has asked for it. If the member knows a later version, for instance
     * from its join, the list is out of date and is not sent. A list of a room that no longer exists has version 0.
     * Changes that are in the list and still wait for an announcement are not sent to this member.
     */
    synchronized void listed(Membership member, Delivery.MemberList list) {
        if (member.isIn() && list.version() < member.presenceVersion) member.receiver().failOutdatedList(list);
        else if (member.receiver().listed(list) && member.isIn()) member.presenceVersion = list.version();
    }

    /** Another connection of the member's user has acknowledged. A cursor frame that does not fit is sent later. */
    synchronized List<Membership> cursor(Membership member, Delivery.Cursor moved, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (moved.epoch() != epoch || !member.isIn() || member.acknowledged(moved.seq(), frame)) return behind;
        if (member.state == State.LIVE) fallBehind(member, behind);
        return behind;
    }

    /** The member's own client has acknowledged: it gets no cursor frame. */
    synchronized void acknowledged(Membership member, Delivery.Cursor moved) {
        if (moved.epoch() == epoch) member.cursor = Math.max(member.cursor, moved.seq());
    }

    /** The frame of a message; null when the tail does not hold it any more, or not yet. */
    synchronized byte @Nullable [] kept(long ofEpoch, long seq) {
        return ofEpoch == epoch ? tail.frame(seq) : null;
    }

    /** Whether one of these members has received that message. The other members receive it later, in order. */
    synchronized boolean hasHad(List<Membership> some, long ofEpoch, long seq) {
        return some.stream().anyMatch(member -> hasHad(member, ofEpoch, seq));
    }

    /** Sends a message again to those members that have received it. A frame that does not fit is dropped. */
    synchronized void again(List<Membership> some, long ofEpoch, long seq, byte[] frame) {
        for (var member : some) {
            if (hasHad(member, ofEpoch, seq)) member.receiver().offer(frame);
        }
    }

    private boolean hasHad(Membership member, long ofEpoch, long seq) {
        return ofEpoch == epoch && member.isIn() && seq <= member.position;
    }

    /** Removes a member; returns true when it was the last one. */
    synchronized boolean left(Membership member) {
        member.state = State.ENDED;
        members.remove(member);
        if (!members.isEmpty()) return false;
        tail.reset(tail.head());
        waitingChanges = null;
        return true;
    }

    /** Removes a member if its state is {@code JOINING} and the condition holds; returns whether it did. */
    synchronized boolean leftIfJoining(Membership member, BooleanSupplier holds) {
        if (member.state != State.JOINING || !holds.getAsBoolean()) return false;
        left(member);
        return true;
    }

    /** The receivers of all live members. */
    synchronized List<Receiver> live() {
        return members.stream().filter(member -> member.state == State.LIVE).map(Membership::receiver).toList();
    }

    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    /** Queues what the tail holds for a replaying member, and returns what to do next. */
    synchronized Step advance(Membership member) {
        if (member.state != State.REPLAYING) return new Step.Done();
        if (member.position < tail.first() - 1) return new Step.Read(epoch, member.position, tail.first() - 1);
        var seq = tail.first();
        for (var frame : tail.frames()) {
            if (seq > member.position && !member.queue(seq, frame)) return new Step.AwaitOutbox(frame.length);
            seq++;
        }
        member.state = State.LIVE;
        member.sendMissedPresenceAndCursor(epoch);
        return new Step.Done();
    }

    /**
     * Queues a message that was read from history.
     *
     * @return false when the client must drain its outbox first
     */
    synchronized boolean replay(Membership member, long ofEpoch, long seq, byte[] frame) {
        if (member.state != State.REPLAYING || ofEpoch != epoch) return true;
        if (seq <= member.position || seq > tail.head()) return true; // the member has it, or gets it live
        return (seq == member.position + 1 || handleHole(member, seq)) && member.queueCopy(seq, frame);
    }

    /** Drops all messages of the tail. The next delivered message is kept again. */
    synchronized void forgetMessages() {
        tail.reset(tail.head());
    }

    /** Whether {@link #keep} would take messages that end with the seq {@code last}. */
    synchronized boolean lacks(long ofEpoch, long last) {
        return ofEpoch == epoch && !members.isEmpty() && last == tail.first() - 1 && tail.hasRoomBefore();
    }

    /** Adds messages from history if they end where the tail begins. Other members often miss the same ones. */
    synchronized void keep(long ofEpoch, long last, List<byte[]> frames) {
        if (lacks(ofEpoch, last)) tail.addBefore(frames);
    }

    /**
     * Handles that history no longer holds the messages after the member's position up to {@code upTo}. Call this only
     * if history has stored {@code upTo} or a later message, and holds none of these messages.
     */
    synchronized void gone(Membership member, long ofEpoch, long upTo) {
        if (member.state != State.REPLAYING || ofEpoch != epoch || upTo <= member.position) return;
        handleHole(member, upTo + 1);
    }

    /**
     * Handles messages that history no longer holds: the first one it has is {@code first}. If the hole lies within the
     * member's resume, its {@code resync} frame gets the outcome {@code PARTIAL}. Otherwise the member is closed, so
     * that its client resumes.
     *
     * @return false if the member was closed
     */
    private boolean handleHole(Membership member, long first) {
        var resync = member.resync;
        if (resync == null || first > resync.to() + 1) {
            member.receiver().close(CloseCode.SERVICE_RESTART,
                    "some messages are no longer kept: resume to learn which");
            end(member);
            return false;
        }
        member.resync = new ServerFrame.Resync(resync.room(), first, resync.to(), ServerFrame.Outcome.PARTIAL);
        member.position = first - 1;
        member.announceResync();
        return true;
    }

    /**
     * Continues in a new epoch and keeps the members. Routers removed the room while they knew no member of it, and
     * created it again. The old epoch held no message. So the local members, whose clients noticed nothing, miss only
     * messages of the new epoch.
     */
    private void continueInEpoch(Delivery.Joined joined, List<Membership> behind) {
        epoch = joined.epoch();
        if (joined.seq() > 0) skipTo(joined.seq(), behind);
    }

    /** Begins a new epoch. Closes the members of the old one: their clients must resume to learn their position. */
    private void begin(long newEpoch, long newHead) {
        for (var member : List.copyOf(members)) {
            member.receiver().close(CloseCode.SERVICE_RESTART,
                    "the room began a new epoch: resume to learn your position");
            end(member);
        }
        epoch = newEpoch;
        tail.reset(newHead);
        if (waitingChanges != null) waitingChanges = new PresenceChanges(); // the waiting changes belong to the old epoch
    }

    /** Messages up to {@code newHead} were not delivered here. All live members must read them from history first. */
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
