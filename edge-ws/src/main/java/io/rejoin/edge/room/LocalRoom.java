package io.rejoin.edge.room;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.room.Membership.State;
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
 * {@code CatchUp} has brought it to the head again. All methods hold the monitor for a short time and do no I/O. A
 * method that returns a list returns the members that need a new {@code CatchUp}.
 */
public final class LocalRoom {
    /** What a {@code CatchUp} does next. */
    public sealed interface CatchUpStep {
        /** The member is live or has ended. */
        record Done() implements CatchUpStep {}

        /** The client has to drain its outbox until a frame of that length fits. */
        record AwaitOutbox(int length) implements CatchUpStep {}

        /**
         * The recent frames lack the messages after {@code after} up to {@code to}. History has them, or will have
         * them.
         */
        record Read(long epoch, long after, long to) implements CatchUpStep {}
    }

    /** How a message's seq relates to the messages already delivered here. */
    public enum SeqCheck {
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
     * @param behind        members that need a new {@code CatchUp}
     * @param announceAfter the delay after which to call {@link #announcePresence}; null if no call is needed or one is
     *                      scheduled already
     */
    public record PresenceResult(List<Membership> behind, @Nullable Duration announceAfter) {
        private static final PresenceResult NOTHING = new PresenceResult(List.of(), null);
    }

    /** Bounds of the pause between two presence announcements. The pause is one millisecond per local member. */
    private static final int MIN_PRESENCE_PAUSE_MS = 100;
    private static final int MAX_PRESENCE_PAUSE_MS = 1_000;

    private final Set<Membership> members = new LinkedHashSet<>();
    private final RecentFrames recentFrames;
    private long epoch;
    /** Joins and leaves that wait for the next announcement; null while no announcement is scheduled. */
    private @Nullable PresenceChanges waitingChanges;
    /** The time of the last announcement, as {@code System.nanoTime()} gives it. */
    private long presenceAnnouncedAt;
    private boolean hasAnnouncedPresence;

    LocalRoom(MemoryBudget budget) {
        this.recentFrames = new RecentFrames(budget);
    }

    /** A local connection has joined, or has joined again under a new incarnation of this edge. */
    synchronized List<Membership> addMember(Membership member, Delivery.Joined joined) {
        var behind = new ArrayList<Membership>();
        if (epoch != joined.epoch()) {
            if (recentFrames.head() == 0 && ResumePoint.wasEmpty(epoch, joined)) continueInEpoch(joined, behind);
            else
                beginEpoch(joined.epoch(), joined.seq());
        } else if (joined.seq() > recentFrames.head()) {
            skipTo(joined.seq(), behind);
        }
        switch (member.state) {
            case JOINING -> {
                members.add(member);
                member.onJoined(joined);
                if (member.position < recentFrames.head()) fallBehind(member, behind);
            }
            case LIVE, REPLAYING -> member.onRejoined(joined);
            case ENDED -> {
                // the member left, or this edge closed it, before the answer arrived
            }
        }
        return behind;
    }

    /**
     * Compares a message with those already delivered here. The result stays valid until the caller passes the message
     * to {@link #deliver}: only deliveries move the head, and they are handled one at a time.
     */
    public synchronized SeqCheck checkSeq(Delivery.Message message, byte[] frame) {
        if (members.isEmpty() || message.epoch() > epoch) return SeqCheck.NEXT;
        if (message.epoch() < epoch) return SeqCheck.REPEATED;
        if (message.seq() > recentFrames.head())
            return message.seq() == recentFrames.head() + 1 ? SeqCheck.NEXT : SeqCheck.AHEAD;
        var before = recentFrames.frame(message.seq());
        return before == null || Arrays.equals(before, frame) ? SeqCheck.REPEATED : SeqCheck.CHANGED;
    }

    /** Delivers the room's next message to its live members. A message at or before the head is ignored. */
    public synchronized List<Membership> deliver(Delivery.Message message, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (members.isEmpty()) return behind; // the last member has just left: nobody needs the frame
        if (message.epoch() < epoch || (message.epoch() == epoch && message.seq() <= recentFrames.head()))
            return behind;
        if (message.epoch() > epoch) beginEpoch(message.epoch(), message.seq() - 1);
        if (message.seq() > recentFrames.head() + 1) skipTo(message.seq() - 1, behind);
        recentFrames.add(frame);
        for (var member : members) {
            if (member.state == State.LIVE && !member.queue(recentFrames.head(), frame)) fallBehind(member, behind);
        }
        return behind;
    }

    /**
     * Handles a user's join or leave. It is announced at once, unless the last announcement was a moment ago. In that
     * case it waits for {@link #announcePresence}, so that many joins at once cost each member only a few frames.
     *
     * <p>If the frame does not fit into a member's outbox, that member gets the list of members once there is space. A
     * member does not get a change that its join answer or a later list included. So no user is informed of its own
     * join.
     */
    public synchronized PresenceResult handlePresence(Delivery.Presence change, long now) {
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
        announce(PresenceChanges.of(change), now, behind);
        return new PresenceResult(behind, null);
    }

    private void addTo(PresenceChanges waiting, Delivery.Presence change, List<Membership> behind) {
        if (waiting.isFull()) {
            sendChanges(waiting, false, behind);
            waiting.dropSingleChanges();
        }
        waiting.add(change);
    }

    /** Announces the joins and leaves that were waiting. To be called when the pause is over. */
    public synchronized PresenceResult announcePresence(long now) {
        var due = waitingChanges;
        waitingChanges = null;
        if (due == null || due.isEmpty() || members.isEmpty()) return PresenceResult.NOTHING;
        var behind = new ArrayList<Membership>();
        announce(due, now, behind);
        return new PresenceResult(behind, null);
    }

    private void announce(PresenceChanges changes, long now, List<Membership> behind) {
        if (!sendChanges(changes, true, behind)) return;
        hasAnnouncedPresence = true;
        presenceAnnouncedAt = now;
    }

    /** The rest of the pause after the last announcement; zero or negative when the pause is over. */
    private Duration presencePause(long now) {
        if (!hasAnnouncedPresence) return Duration.ZERO;
        var pause = Duration.ofMillis(Math.clamp(members.size(), MIN_PRESENCE_PAUSE_MS, MAX_PRESENCE_PAUSE_MS));
        return pause.minusNanos(now - presenceAnnouncedAt);
    }

    /**
     * Sends each member the changes that it does not know.
     *
     * @param includesDiffs whether to include the members that accept one {@code presence_diff} for all changes
     * @return whether there was a change that some member did not know
     */
    private boolean sendChanges(PresenceChanges changes, boolean includesDiffs, List<Membership> behind) {
        var hasUnknownChange = false;
        for (var member : members) {
            var acceptsDiffs = member.receiver().acceptsPresenceDiffs();
            if (acceptsDiffs && !includesDiffs) continue;
            var known = member.presenceVersion;
            var frames = acceptsDiffs ? changes.combinedFrame(known) : changes.singleFrames(known);
            hasUnknownChange |= !frames.isEmpty();
            if (frames.stream().allMatch(member.receiver()::offer)) continue;
            member.hasMissedPresence = true;
            if (member.state == State.LIVE) fallBehind(member, behind);
        }
        return hasUnknownChange;
    }

    /**
     * Sends the list of members to a member that has asked for it. If the member knows a later version, for instance
     * from its join, the list is out of date and is not sent. A list of a room that no longer exists has version 0.
     * Changes that are in the list and still wait for an announcement are not sent to this member.
     */
    public synchronized void sendMemberList(Membership member, Delivery.MemberList list) {
        if (member.isMember() && list.version() < member.presenceVersion) member.receiver().failOutdatedList(list);
        else if (member.receiver().answerMemberList(list) && member.isMember()) member.presenceVersion = list.version();
    }

    /** Another connection of the member's user has acknowledged. A cursor frame that does not fit is sent later. */
    public synchronized List<Membership> sendCursor(Membership member, Delivery.Cursor cursor, byte[] frame) {
        var behind = new ArrayList<Membership>();
        if (cursor.epoch() != epoch || !member.isMember() || member.sendCursor(cursor.seq(), frame)) return behind;
        if (member.state == State.LIVE) fallBehind(member, behind);
        return behind;
    }

    /** The member's own client has acknowledged: it gets no cursor frame. */
    public synchronized void recordOwnCursor(Membership member, Delivery.Cursor cursor) {
        if (cursor.epoch() == epoch) member.cursor = Math.max(member.cursor, cursor.seq());
    }

    /** The frame of a message; null when it is not kept any more, or not delivered yet. */
    public synchronized byte @Nullable [] findFrame(long messageEpoch, long seq) {
        return messageEpoch == epoch ? recentFrames.frame(seq) : null;
    }

    /** Whether one of these members has received that message. The other members receive it later, in order. */
    public synchronized boolean hasReceived(List<Membership> candidates, long messageEpoch, long seq) {
        return candidates.stream().anyMatch(member -> hasReceived(member, messageEpoch, seq));
    }

    /** Sends a message again to those members that have received it. A frame that does not fit is dropped. */
    public synchronized void resend(List<Membership> candidates, long messageEpoch, long seq, byte[] frame) {
        for (var member : candidates) {
            if (hasReceived(member, messageEpoch, seq)) member.receiver().offer(frame);
        }
    }

    private boolean hasReceived(Membership member, long messageEpoch, long seq) {
        return messageEpoch == epoch && member.isMember() && seq <= member.position;
    }

    /** Removes a member; returns true when it was the last one. */
    synchronized boolean remove(Membership member) {
        member.state = State.ENDED;
        members.remove(member);
        if (!members.isEmpty()) return false;
        recentFrames.reset(recentFrames.head());
        waitingChanges = null;
        return true;
    }

    /** Removes a member if its state is {@code JOINING} and the condition holds; returns whether it did. */
    synchronized boolean removeIfJoining(Membership member, BooleanSupplier condition) {
        if (member.state != State.JOINING || !condition.getAsBoolean()) return false;
        remove(member);
        return true;
    }

    /** The receivers of all live members. */
    public synchronized List<Receiver> liveReceivers() {
        return members.stream().filter(member -> member.state == State.LIVE).map(Membership::receiver).toList();
    }

    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    /** Queues the recent frames for a replaying member, and returns what to do next. */
    public synchronized CatchUpStep advance(Membership member) {
        if (member.state != State.REPLAYING) return new CatchUpStep.Done();
        var seq = recentFrames.firstSeq();
        if (member.position < seq - 1) return new CatchUpStep.Read(epoch, member.position, seq - 1);
        for (var frame : recentFrames.frames()) {
            if (seq > member.position && !member.queue(seq, frame)) return new CatchUpStep.AwaitOutbox(frame.length);
            seq++;
        }
        member.state = State.LIVE;
        member.sendMissedPresenceAndCursor(epoch);
        return new CatchUpStep.Done();
    }

    /**
     * Queues a message that was read from history.
     *
     * @return false when the client must drain its outbox first
     */
    public synchronized boolean queueReplayed(Membership member, long messageEpoch, long seq, byte[] frame) {
        if (member.state != State.REPLAYING || messageEpoch != epoch) return true;
        if (seq <= member.position || seq > recentFrames.head()) return true; // the member has it, or gets it live
        return (seq == member.position + 1 || handleHole(member, seq)) && member.queueUnshared(seq, frame);
    }

    /** Drops all recent frames. The next delivered message is kept again. */
    synchronized void forgetMessages() {
        recentFrames.reset(recentFrames.head());
    }

    /** Whether {@link #prepend} would add messages that end with the seq {@code last}. */
    public synchronized boolean canPrepend(long messageEpoch, long last) {
        return messageEpoch == epoch && !members.isEmpty() && last == recentFrames.firstSeq() - 1
                && recentFrames.canPrepend();
    }

    /** Adds messages from history if they end where the recent frames begin. Other members often miss the same ones. */
    public synchronized void prepend(long messageEpoch, long last, List<byte[]> frames) {
        if (canPrepend(messageEpoch, last)) recentFrames.prepend(frames);
    }

    /**
     * Handles that history no longer holds the messages after the member's position up to {@code upTo}. Call this only
     * if history has stored {@code upTo} or a later message, and holds none of these messages.
     */
    public synchronized void handleHoleUpTo(Membership member, long messageEpoch, long upTo) {
        if (member.state != State.REPLAYING || messageEpoch != epoch || upTo <= member.position) return;
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
            endMembership(member);
            return false;
        }
        member.resync = new ServerFrame.Resync(resync.room(), first, resync.to(), ServerFrame.Outcome.PARTIAL);
        member.position = first - 1;
        member.sendResyncIfDue();
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
    private void beginEpoch(long newEpoch, long newHead) {
        for (var member : List.copyOf(members)) {
            member.receiver().close(CloseCode.SERVICE_RESTART,
                    "the room began a new epoch: resume to learn your position");
            endMembership(member);
        }
        epoch = newEpoch;
        recentFrames.reset(newHead);
        // The waiting changes belong to the old epoch
        if (waitingChanges != null) waitingChanges = new PresenceChanges();
    }

    /** Messages up to {@code newHead} were not delivered here. All live members must read them from history first. */
    private void skipTo(long newHead, List<Membership> behind) {
        recentFrames.reset(newHead);
        for (var member : members) {
            if (member.state == State.LIVE) fallBehind(member, behind);
        }
    }

    private static void fallBehind(Membership member, List<Membership> behind) {
        member.state = State.REPLAYING;
        behind.add(member);
    }

    private void endMembership(Membership member) {
        member.state = State.ENDED;
        members.remove(member);
    }
}
