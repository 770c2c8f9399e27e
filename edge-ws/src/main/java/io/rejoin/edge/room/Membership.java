package io.rejoin.edge.room;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection's membership of a room: its position and its state.
 *
 * <pre>
 * JOINING ──joined──► LIVE ◄──caught up── REPLAYING
 *    └──joined, with missed messages────────►▲ │
 *                      LIVE ──too slow, gap──┘ └──► ENDED, from any state
 * </pre>
 */
public final class Membership {
    public enum State {
        JOINING, REPLAYING, LIVE, ENDED
    }

    /** After this long without an answer, a join may be lost. A repeated join then starts a new membership. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    /** At most this many joins may wait for one answer. The next one starts a new membership. */
    private static final int MAX_UNANSWERED = 16;

    private final long createdAt = System.nanoTime();
    private final RoomId room;
    private final Receiver receiver;
    private final String user;
    /** The client's ids of the joins that wait for the answer. Guarded by its own monitor. */
    private final List<FrameId> unansweredIds = new ArrayList<>(1);
    private final @Nullable After after;
    private final @Nullable Long afterEpoch;
    /** Whether the edge joined the room without a request of the client. The client then gets no join answer. */
    private final boolean isSilent;
    private volatile long request;
    private volatile long listRequest;

    // Guarded by the room's monitor; the state may be read without it.
    volatile State state = State.JOINING;
    /** The last seq that was queued for the client, or that history is known to lack. */
    long position;
    /**
     * The frame to send once {@link #position} has reached the frame's {@code to}. Null if there is no such frame, or
     * it was sent.
     */
    ServerFrame.@Nullable Resync resync;
    /** The version of the room's presence in the last list of members sent to this member. */
    long presenceVersion;
    /** Whether a presence change could not be queued. */
    boolean hasMissedPresence;
    /** The seq up to which the user has acknowledged, as far as this edge knows. */
    long cursor;
    /** Whether the last cursor frame could not be queued. */
    boolean hasMissedCursor;

    /**
     * Starts in the state {@code JOINING}.
     *
     * @param request    the number of the join command; the answer must carry it
     * @param joinId     the client's id of its join frame
     * @param after      where the client wants to begin; null for the head of the room
     * @param afterEpoch the epoch of a seq in {@code after}; null if the client does not know it
     */
    public Membership(RoomId room, Receiver receiver, String user, long request, @Nullable FrameId joinId,
            @Nullable After after, @Nullable Long afterEpoch) {
        this(room, receiver, user, request, joinId, after, afterEpoch, false);
    }

    /**
     * Starts to join a connection to the personal room of its user, without a request of the client. The client gets no
     * join answer, only the messages that the user has not acknowledged.
     */
    public static Membership silent(UserId user, Receiver receiver, long request) {
        return new Membership(RoomId.personal(user), receiver, user.name(), request, null, new After.Cursor(), null,
                true);
    }

    private Membership(RoomId room, Receiver receiver, String user, long request, @Nullable FrameId joinId,
            @Nullable After after, @Nullable Long afterEpoch, boolean isSilent) {
        this.room = room;
        this.receiver = receiver;
        this.user = user;
        this.request = request;
        if (joinId != null) unansweredIds.add(joinId);
        this.after = after;
        this.afterEpoch = afterEpoch;
        this.isSilent = isSilent;
    }

    /** Safe for any thread. */
    public State state() {
        return state;
    }

    /** Whether a presence change could not be queued. Call it under the room's monitor, or when no other thread runs. */
    public boolean hasMissedPresence() {
        return hasMissedPresence;
    }

    public RoomId room() {
        return room;
    }

    public Receiver receiver() {
        return receiver;
    }

    /**
     * The number of the latest request for the list of members that the edge itself made for this member; 0 if it made
     * none. Only the answer with this number counts. Requests of the client are not counted here.
     */
    public long listRequest() {
        return listRequest;
    }

    public void setListRequest(long next) {
        listRequest = next;
    }

    /** The number of the join command whose answer counts. */
    public long request() {
        return request;
    }

    /** Sets the number of a new join command. Answers to earlier ones no longer count. */
    public void setRequest(long next) {
        request = next;
    }

    /** Removes and returns the ids of joins that were not answered yet. The caller must answer them. */
    public List<FrameId> removeUnanswered() {
        synchronized (unansweredIds) {
            var removed = List.copyOf(unansweredIds);
            unansweredIds.clear();
            return removed;
        }
    }

    /**
     * If a join asks for the same as this membership's own join, adds its id to those that wait for the same answer.
     *
     * @return false if the new join asks for something else, if this membership's answer has arrived or may be lost, or
     *         if too many ids wait already; then nothing is added
     */
    boolean addIfSameJoin(ClientFrame.Join join) {
        var isSame = !isSilent && state == State.JOINING && System.nanoTime() - createdAt < ANSWER_TIMEOUT.toNanos()
                && Objects.equals(after, join.after()) && Objects.equals(afterEpoch, join.epoch());
        return isSame && addUnanswered(join.id());
    }

    /** Adds an id to the waiting ones; returns false when there are too many. */
    private boolean addUnanswered(@Nullable FrameId id) {
        if (id == null) return true;
        synchronized (unansweredIds) {
            return unansweredIds.size() < MAX_UNANSWERED && unansweredIds.add(id);
        }
    }

    /** Whether this is a member now, live or replaying. */
    boolean isMember() {
        return state == State.LIVE || state == State.REPLAYING;
    }

    /** Answers the join, and sets the position where the client wants to begin. The room catches it up from there. */
    void onJoined(Delivery.Joined joined) {
        var ids = removeUnanswered();
        if (!isSilent && ids.isEmpty()) receiver.reply(joinAck(null, joined));
        for (var id : ids) receiver.reply(joinAck(id, joined));
        presenceVersion = joined.version();
        var beginning = ResumePoint.of(after, afterEpoch, joined);
        state = State.LIVE;
        position = beginning.position();
        resync = beginning.resync();
        cursor = Objects.requireNonNullElse(joined.cursor(), 0L);
        sendResyncIfDue();
    }

    private ServerFrame.JoinAck joinAck(@Nullable FrameId id, Delivery.Joined joined) {
        return new ServerFrame.JoinAck(room.name(), user, id, joined.seq(), joined.epoch(), joined.cursor(),
                names(joined), joined.count());
    }

    /**
     * Handles a new join under a new incarnation of this edge. The client does not learn of the join, but it gets the
     * cursor and the list of members, which may have changed meanwhile.
     */
    void onRejoined(Delivery.Joined joined) {
        var known = joined.cursor();
        if (known != null && known > cursor) {
            cursor = known;
            hasMissedCursor = false;
            receiver.reply(new ServerFrame.Cursor(room.name(), cursor, joined.epoch(), null));
        }
        presenceVersion = joined.version();
        if (isSilent) return;
        receiver.reply(new ServerFrame.PresenceState(room.name(), null, names(joined), joined.count(),
                joined.version()));
    }

    /** Queues the member's next message; returns false when the outbox has no space. */
    boolean queue(long seq, byte[] frame) {
        return advance(seq, receiver.offer(frame));
    }

    /** Like {@link #queue}, for a frame that no other member shares. */
    boolean queueUnshared(long seq, byte[] frame) {
        return advance(seq, receiver.offerUnshared(frame));
    }

    private boolean advance(long seq, boolean isQueued) {
        if (!isQueued) return false;
        position = seq;
        sendResyncIfDue();
        return true;
    }

    /**
     * Sends the {@code resync} frame if the position has reached the frame's {@code to}. A silent member gets the frame
     * only if messages are missing.
     */
    void sendResyncIfDue() {
        var due = resync;
        if (due == null || position < due.to()) return;
        resync = null;
        if (!isSilent || due.outcome() != ServerFrame.Outcome.FULL) receiver.reply(due);
    }

    /** Handles an acknowledgement by another connection of the user; returns false when the outbox has no space. */
    boolean sendCursor(long seq, byte[] frame) {
        if (seq <= cursor) return true;
        cursor = seq;
        hasMissedCursor = !receiver.offer(frame);
        return !hasMissedCursor;
    }

    /** Sends the presence and the cursor that did not fit into the outbox before. */
    void sendMissedPresenceAndCursor(long epoch) {
        if (hasMissedPresence) receiver.refreshPresence(this);
        if (hasMissedCursor) receiver.reply(new ServerFrame.Cursor(room.name(), cursor, epoch, null));
        hasMissedPresence = false;
        hasMissedCursor = false;
    }

    private static List<String> names(Delivery.Joined joined) {
        return joined.members().stream().map(UserId::name).toList();
    }
}
