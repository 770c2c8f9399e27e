package io.rejoin.router.liveness;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Detects which other routers are silent, measured in beats of this router. A router that comes back after a silence
 * was alive, so the limit for its next silence is doubled. Thus routers that are merely slow do not remove each other
 * in turns. Safe for any thread.
 */
public final class Peers {
    /**
     * A router is silent after this many beats without a beat of its own. The limit grows to {@link #MAX_LIMIT} when it
     * keeps coming back.
     */
    static final int FIRST_LIMIT = 4;
    static final int MAX_LIMIT = 40;
    /** Extra beats for all other routers to reconnect, after this router had lost Kafka. */
    static final int RECONNECT_BEATS = 10;
    private static final int FORGET_AFTER = 10_000;

    /**
     * What is known of another router.
     *
     * @param lastHeardAt the beat from which its silence counts
     * @param limit       number of beats after which it is silent
     * @param hasLeft     whether it has left the group
     */
    private record PeerState(long lastHeardAt, int limit, boolean hasLeft) {
        boolean isSilent(long now) {
            return now - lastHeardAt > limit;
        }

        PeerState returned(long now) {
            return new PeerState(now, Math.min(MAX_LIMIT, 2 * limit), false);
        }
    }

    private final Map<String, PeerState> states = new HashMap<>();
    private long beatCount;
    private boolean isClosed;

    /** Counts a beat of this router that came back. */
    synchronized void onOwnBeat() {
        beatCount++;
        states.values().removeIf(state -> beatCount - state.lastHeardAt() > FORGET_AFTER);
        if (!silentRouters().isEmpty()) notifyAll();
    }

    /**
     * Whether no other router is known to be in the group. Then no router waits for this one's beats to detect its end.
     */
    synchronized boolean isAlone() {
        return states.values().stream().allMatch(PeerState::hasLeft);
    }

    /** Waits until a router is silent, the time is over, or this is closed. */
    synchronized void awaitSilent(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        while (!isClosed && silentRouters().isEmpty()) {
            var remainingMillis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (remainingMillis <= 0) return;
            wait(remainingMillis);
        }
    }

    /** Handles a beat of another router. */
    synchronized void onBeat(String id) {
        var first = new PeerState(beatCount, FIRST_LIMIT, false);
        states.merge(id, first, (last, _) -> last.hasLeft() || last.isSilent(beatCount)
                ? last.returned(beatCount)
                : new PeerState(Math.max(last.lastHeardAt(), beatCount), last.limit(), false));
    }

    /** Records that a router is in the group, heard or not. */
    synchronized void onMember(String id) {
        var first = new PeerState(beatCount, FIRST_LIMIT, false);
        states.merge(id, first, (last, _) -> last.hasLeft() ? last.returned(beatCount) : last);
    }

    /** Records that a router has left the group. */
    synchronized void onLeft(String id) {
        states.computeIfPresent(id, (_, last) -> new PeerState(last.lastHeardAt(), last.limit(), true));
    }

    /** Records that this router itself was away: the silence of the others is no evidence yet. */
    synchronized void onOwnPause() {
        states.replaceAll((_, state) -> new PeerState(beatCount + RECONNECT_BEATS, state.limit(), state.hasLeft()));
    }

    /** Ends every {@link #awaitSilent}. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    /** The routers that are silent and still in the group, as far as known. */
    synchronized List<String> silentRouters() {
        return states.entrySet().stream().filter(entry -> !entry.getValue().hasLeft())
                .filter(entry -> entry.getValue().isSilent(beatCount)).map(Map.Entry::getKey).toList();
    }
}
