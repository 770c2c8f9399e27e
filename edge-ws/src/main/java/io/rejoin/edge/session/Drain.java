package io.rejoin.edge.session;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends an edge's clients away, to resume at another: spread evenly over a time and in random order, so that the other edges
 * and the history service are not overrun, whether a client knows of {@code reconnect} or not.
 */
public final class Drain {
    /** Why an edge that goes on running is emptied. */
    public enum Reason {
        /** An operator asked for it. */
        ORDER,
        /** It gets nothing from some router. */
        DARKNESS
    }

    /** A client comes back within this time of its close: what belongs together does not come in the same moment. */
    static final Duration SPREAD = Duration.ofSeconds(1);
    /** How long a client's last posts may take to be acknowledged before it is closed without. */
    static final Duration POSTS = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final Duration over;
    private final RandomGenerator random;
    private volatile boolean ending;
    private volatile boolean shut;
    /** Why it is emptied; nothing while it is not. Guarded by this, as is what follows. */
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    /** What was asked for is done by this; null if nothing was, or not any more. */
    private @Nullable Thread asked;

    /** @param over how long the last client is kept */
    public Drain(Sessions sessions, Duration over, RandomGenerator random) {
        this.sessions = sessions;
        this.over = over;
        this.random = random;
    }

    /** When a client is sent away, counted from the beginning. */
    record Departure(Session session, Duration at) {}

    static List<Departure> plan(Collection<Session> sessions, Duration over, RandomGenerator random) {
        var order = new ArrayList<>(sessions);
        Collections.shuffle(order, random);
        var departures = new ArrayList<Departure>();
        for (var session : order) {
            departures.add(new Departure(session, over.multipliedBy(departures.size()).dividedBy(order.size())));
        }
        return departures;
    }

    /** Whether nobody should be let in any more. */
    public boolean isUnderWay() {
        return ending || shut;
    }

    /** Lets nobody in from now on and begins to close every connection; returns once the last has been begun with. */
    public void run() throws InterruptedException {
        ending = true; // before the plan: whoever is in neither sees this
        sendAllAway();
    }

    /**
     * Begins to empty an edge that goes on running, and returns at once: after some time nobody is let in, and clients are sent
     * away as by {@link #run}. Again, it changes nothing.
     *
     * @param delay until load balancers have seen that the edge is unready
     */
    public synchronized void begin(Reason reason, Duration delay) {
        reasons.add(reason);
        if (asked != null) return;
        asked = Thread.ofVirtual().name("drain").start(() -> {
            try {
                Thread.sleep(delay);
                if (shut()) sendAllAway();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // it is undone
            }
        });
    }

    private synchronized boolean shut() {
        if (Thread.currentThread() != asked) return false; // it was undone in this moment
        shut = true; // before the plan
        return true;
    }

    /** Takes {@link #begin} back: without another reason clients are let in again, and who was not sent away yet stays. */
    public synchronized void undo(Reason reason) {
        reasons.remove(reason);
        if (asked == null || !reasons.isEmpty()) return;
        asked.interrupt();
        asked = null;
        shut = false;
    }

    /** The thread that sends clients away since {@link #begin}, which may have ended; null before that and after an undo. */
    synchronized @Nullable Thread asked() {
        return asked;
    }

    private void sendAllAway() throws InterruptedException {
        var begun = System.nanoTime();
        for (var departure : plan(sessions.all(), over, random)) {
            var left = departure.at().minusNanos(System.nanoTime() - begun);
            if (left.isPositive()) Thread.sleep(left);
            sendAway(departure.session());
        }
    }

    /** Begins to close one connection, as soon as its posts are acknowledged; returns at once. */
    void sendAway(Session session) {
        Thread.ofVirtual().name("send-away").start(() -> {
            try {
                session.posts().close(POSTS); // what is not acknowledged then is posted again, under the same id
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            session.reply(new ServerFrame.Reconnect(random.nextLong(SPREAD.toMillis())));
            session.close(CloseCode.SERVICE_RESTART, "reconnect and resume");
        });
    }
}
