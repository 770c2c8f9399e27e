package io.rejoin.edge.fanout;

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
 * A connection in a room: how far it has come and whether it follows live.
 *
 * <pre>
 * JOINING ──joined──► LIVE ◄──caught up── REPLAYING
 *    └──joined, with missed messages────────►▲ │
 *                      LIVE ──too slow, gap──┘ └──► ENDED, from any state
 * </pre>
 */
public final class Membership {
    enum State {
        JOINING, REPLAYING, LIVE, ENDED
    }

    /** A join that is not answered for so long may never be, and is begun anew when it is asked again. */
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** So many joins may wait for one answer; another one begins anew. */
    private static final int MOST_UNANSWERED = 16;

    private final long begun = System.nanoTime();
    private final RoomId room;
    private final Receiver receiver;
    private final String user;
    /** The client's ids of the joins that are to be answered when it is joined. Guarded by its own monitor. */
    private final List<FrameId> unanswered = new ArrayList<>(1);
    private final @Nullable After after;
    private final @Nullable Long afterEpoch;
    /** Whether the client did not ask for it, and is not told of it. */
    private final boolean silent;
    private volatile long request;
    private volatile long refresh;

    // Guarded by the room's monitor; the state may be looked at without.
    volatile State state = State.JOINING;
    /** The last seq that was queued for the client, or is known not to come. */
    long position;
    /** What to announce once the position has reached its end; null when nothing (more) is to be announced. */
    ServerFrame.@Nullable Resync resync;
    /** The version of the room's presence that it was told with the last list of members. */
    long presenceVersion;
    /** Whether a coming or going could not be queued. */
    boolean presenceMissed;
    /** What the user has acknowledged, as far as this edge knows. */
    long cursor;
    /** Whether the client could not be told of it. */
    boolean cursorMissed;

    /**
     * Begins to join.
     *
     * @param request    the number of the join command that the answer must carry
     * @param joinId     the client's id of its join
     * @param after      what the client wants to be caught up with
     * @param afterEpoch the epoch that counts in
     */
    public Membership(RoomId room, Receiver receiver, String user, long request, @Nullable FrameId joinId,
            @Nullable After after, @Nullable Long afterEpoch) {
        this(room, receiver, user, request, joinId, after, afterEpoch, false);
    }

    /**
     * Begins to join a connection to the personal room of its user, without its asking: it is told nothing of that but the
     * messages that the user has not acknowledged.
     */
    public static Membership silent(UserId user, Receiver receiver, long request) {
        return new Membership(RoomId.personal(user), receiver, user.name(), request, null, new After.Cursor(), null,
                true);
    }

    private Membership(RoomId room, Receiver receiver, String user, long request, @Nullable FrameId joinId,
            @Nullable After after, @Nullable Long afterEpoch, boolean silent) {
        this.room = room;
        this.receiver = receiver;
        this.user = user;
        this.request = request;
        if (joinId != null) unanswered.add(joinId);
        this.after = after;
        this.afterEpoch = afterEpoch;
        this.silent = silent;
    }

    public RoomId room() {
        return room;
    }

    Receiver receiver() {
        return receiver;
    }

    /** The number of the question for members that the edge asked last on its behalf; 0 for none. */
    public long refresh() {
        return refresh;
    }

    public void refresh(long next) {
        refresh = next;
    }

    /** The number of the join it waits for, or was joined by. */
    public long request() {
        return request;
    }

    /** Joins again, under a new number: answers to earlier joins no longer count. */
    public void request(long next) {
        request = next;
    }

    /** The ids of joins that were not answered yet; whoever takes them answers. */
    public List<FrameId> takeUnanswered() {
        synchronized (unanswered) {
            var taken = List.copyOf(unanswered);
            unanswered.clear();
            return taken;
        }
    }

    /** Takes a join for one that is waited for already, if it asks for the same and the answer may still come. */
    boolean isAskedAgain(ClientFrame.Join join) {
        var isSame = !silent && state == State.JOINING && System.nanoTime() - begun < ANSWER.toNanos()
                && Objects.equals(after, join.after()) && Objects.equals(afterEpoch, join.epoch());
        return isSame && isWaiting(join.id());
    }

    /** Adds an id that is to be answered; false when too many are. */
    private boolean isWaiting(@Nullable FrameId id) {
        if (id == null) return true;
        synchronized (unanswered) {
            return unanswered.size() < MOST_UNANSWERED && unanswered.add(id);
        }
    }

    /** Whether it is a member now, live or not. */
    boolean isIn() {
        return state == State.LIVE || state == State.REPLAYING;
    }

    /** Its join is answered: it begins where its client wants, and has to be caught up from there. */
    void begin(Delivery.Joined joined) {
        var ids = takeUnanswered();
        if (!silent && ids.isEmpty()) receiver.reply(joinAck(null, joined));
        for (var id : ids) receiver.reply(joinAck(id, joined));
        presenceVersion = joined.version();
        var beginning = Beginning.of(after, afterEpoch, joined);
        state = State.LIVE;
        position = beginning.position();
        resync = beginning.resync();
        cursor = Objects.requireNonNullElse(joined.cursor(), 0L);
        announceResync();
    }

    private ServerFrame.JoinAck joinAck(@Nullable FrameId id, Delivery.Joined joined) {
        return new ServerFrame.JoinAck(room.name(), user, id, joined.seq(), joined.epoch(), joined.cursor(),
                names(joined), joined.count());
    }

    /** It is joined under a new incarnation of this edge: its client need not know, but may have missed some of this. */
    void beginAgain(Delivery.Joined joined) {
        var known = joined.cursor();
        if (known != null && known > cursor) {
            cursor = known;
            cursorMissed = false;
            receiver.reply(new ServerFrame.Cursor(room.name(), cursor, joined.epoch(), null));
        }
        presenceVersion = joined.version();
        if (silent) return;
        receiver.reply(new ServerFrame.PresenceState(room.name(), null, names(joined), joined.count(),
                joined.version()));
    }

    /** Queues the message that is next for it; false when there is no room. */
    boolean queue(long seq, byte[] frame) {
        return queued(seq, receiver.offer(frame));
    }

    /** The same of a frame that no other member has. */
    boolean queueCopy(long seq, byte[] frame) {
        return queued(seq, receiver.offerCopy(frame));
    }

    private boolean queued(long seq, boolean isQueued) {
        if (!isQueued) return false;
        position = seq;
        announceResync();
        return true;
    }

    /** Announces the end of what was missed, once that is reached. Of a silent one only what could not be had is told. */
    void announceResync() {
        var reached = resync;
        if (reached == null || position < reached.to()) return;
        resync = null;
        if (!silent || reached.outcome() != ServerFrame.Outcome.FULL) receiver.reply(reached);
    }

    /** Another device of its user has acknowledged; false when there is no room to tell it now. */
    boolean acknowledged(long seq, byte[] frame) {
        if (seq <= cursor) return true;
        cursor = seq;
        cursorMissed = !receiver.offer(frame);
        return !cursorMissed;
    }

    /** There is room again: what could not be told is told. */
    void sayWhatWasMissed(long epoch) {
        if (presenceMissed) receiver.refreshPresence(this);
        if (cursorMissed) receiver.reply(new ServerFrame.Cursor(room.name(), cursor, epoch, null));
        presenceMissed = false;
        cursorMissed = false;
    }

    private static List<String> names(Delivery.Joined joined) {
        return joined.members().stream().map(UserId::name).toList();
    }
}
