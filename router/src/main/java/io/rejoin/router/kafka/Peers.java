package io.rejoin.router.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of the other routers are silent, counted in beats of this one. Whoever comes back after a silence was alive: it is
 * given twice the time from then on, so that routers that are merely slow do not put each other out in turns. Safe for any
 * thread.
 */
public final class Peers {
    /** Beats without a sign after which a router is silent at first; and at most, when it has come back again and again. */
    static final int SILENT = 4;
    static final int PATIENCE = 40;
    /** Beats that all others are given to find Kafka again, when this one had lost it. */
    static final int GRACE = 10;
    private static final int FORGOTTEN = 10_000;

    /**
     * @param at   the beat from which its silence counts
     * @param gone whether it is known to be out of the group
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

    /** A beat of this router has come back. */
    synchronized void beat() {
        beat++;
        signs.values().removeIf(sign -> beat - sign.at() > FORGOTTEN);
        if (!silent().isEmpty()) notifyAll();
    }

    /** Whether no other router is known that may live: then nobody waits for a beat of this one to notice its end. */
    synchronized boolean isAlone() {
        return signs.values().stream().allMatch(Sign::gone);
    }

    /** Returns once somebody is silent, after that time, or when this is closed. */
    synchronized void awaitSilent(Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        while (!isClosed && silent().isEmpty()) {
            var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (left <= 0) return;
            wait(left);
        }
    }

    /** A router was heard. */
    synchronized void heard(String id) {
        signs.merge(id, new Sign(beat, SILENT, false), (last, _) -> last.gone() || last.isOverdue(beat)
                ? last.back(beat)
                : new Sign(Math.max(last.at(), beat), last.patience(), false));
    }

    /** A router is in the group, whether it was ever heard or not. */
    synchronized void present(String id) {
        signs.merge(id, new Sign(beat, SILENT, false), (last, _) -> last.gone() ? last.back(beat) : last);
    }

    /** A router is in the group no longer. */
    synchronized void gone(String id) {
        signs.computeIfPresent(id, (_, last) -> new Sign(last.at(), last.patience(), true));
    }

    /** This router was away itself: the silence of others says nothing yet. */
    synchronized void wasAway() {
        signs.replaceAll((_, sign) -> new Sign(beat + GRACE, sign.patience(), sign.gone()));
    }

    /** Nobody waits any longer. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    /** Those that are silent now and not known to be gone. */
    synchronized List<String> silent() {
        return signs.entrySet().stream().filter(entry -> !entry.getValue().gone())
                .filter(entry -> entry.getValue().isOverdue(beat)).map(Map.Entry::getKey).toList();
    }
}
