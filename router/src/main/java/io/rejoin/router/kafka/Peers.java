package io.rejoin.router.kafka;

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
     * A router is silent after this many beats without a sign. The limit grows to {@link #PATIENCE} when it keeps
     * coming back.
     */
    static final int SILENT = 4;
    static final int PATIENCE = 40;
    /** Extra beats for all other routers to reconnect, after this router had lost Kafka. */
    static final int GRACE = 10;
    private static final int FORGOTTEN = 10_000;

    /**
     * The last sign of a router.
     *
     * @param at       the beat from which its silence counts
     * @param patience number of beats after which it is silent
     * @param gone     whether it has left the group
     */
    private record Sign(long at, int patience, boolean gone) {
        boolean isOverdue(long beat) {
            return beat - at > patience;
        }

        Sign back(long beat) {
            return new Sign(beat, Math.min(PATIENCE, 2 * patience), false);
        }
    }

    private final Map<String, Sign> signs = new HashMap<>();
    private long beat;
    private boolean isClosed;

    /** Counts a beat of this router that came back. */
    synchronized void beat() {
        beat++;
        signs.values().removeIf(sign -> beat - sign.at() > FORGOTTEN);
        if (!silent().isEmpty()) notifyAll();
    }

    /**
     * Whether no other router is known to be in the group. Then no router waits for this one's beats to detect its end.
     */
    synchronized boolean isAlone() {
        return signs.values().stream().allMatch(Sign::gone);
    }

    /** Waits until a router is silent, the time is over, or this is closed. */
    synchronized void awaitSilent(Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        while (!isClosed && silent().isEmpty()) {
            var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (left <= 0) return;
            wait(left);
        }
    }

    /** Takes a beat of another router. */
    synchronized void heard(String id) {
        signs.merge(id, new Sign(beat, SILENT, false), (last, _) -> last.gone() || last.isOverdue(beat)
                ? last.back(beat)
                : new Sign(Math.max(last.at(), beat), last.patience(), false));
    }

    /** Takes note that a router is in the group, heard or not. */
    synchronized void present(String id) {
        signs.merge(id, new Sign(beat, SILENT, false), (last, _) -> last.gone() ? last.back(beat) : last);
    }

    /** Takes note that a router has left the group. */
    synchronized void gone(String id) {
        signs.computeIfPresent(id, (_, last) -> new Sign(last.at(), last.patience(), true));
    }

    /** Takes note that this router itself was away: the silence of the others is no evidence yet. */
    synchronized void wasAway() {
        signs.replaceAll((_, sign) -> new Sign(beat + GRACE, sign.patience(), sign.gone()));
    }

    /** Ends every {@link #awaitSilent}. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    /** The routers that are silent and still in the group, as far as known. */
    synchronized List<String> silent() {
        return signs.entrySet().stream().filter(entry -> !entry.getValue().gone())
                .filter(entry -> entry.getValue().isOverdue(beat)).map(Map.Entry::getKey).toList();
    }
}
