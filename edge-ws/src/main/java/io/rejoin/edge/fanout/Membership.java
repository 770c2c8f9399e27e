package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ServerFrame;
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

    private final RoomId room;
    private final Receiver receiver;
    private final String user;
    private final @Nullable String joinId;
    private final @Nullable After after;
    private final @Nullable Long afterEpoch;
    private final boolean silent;
    private volatile long request;
    private volatile long refresh;

    // Guarded by the room's monitor; the state may be looked at without.
    volatile State state = State.JOINING;
    /** The last seq that was queued for the client, or is known not to come. */
    long position;
    /** What to announce once the position has reached its end; null when nothing (more) is to be announced. */
    ServerFrame.@Nullable Resync resync;
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
    public Membership(RoomId room, Receiver receiver, String user, long request, @Nullable String joinId,
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

    private Membership(RoomId room, Receiver receiver, String user, long request, @Nullable String joinId,
            @Nullable After after, @Nullable Long afterEpoch, boolean silent) {
        this.room = room;
        this.receiver = receiver;
        this.user = user;
        this.request = request;
        this.joinId = joinId;
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

    String user() {
        return user;
    }

    @Nullable
    String joinId() {
        return joinId;
    }

    @Nullable
    After after() {
        return after;
    }

    @Nullable
    Long afterEpoch() {
        return afterEpoch;
    }

    /** Whether the client did not ask for it, and is not told of it. */
    boolean isSilent() {
        return silent;
    }

    /** Whether the routers have answered its join. */
    public boolean isJoined() {
        return state != State.JOINING;
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
}
