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
 * Closes an edge's clients, so that they resume at other edges. The closes are spread evenly over a time, in random
 * order. So they do not overload the other edges and the history service, even if clients ignore the {@code reconnect}
 * frame.
 */
public final class Drain {
    /** The reason for draining an edge that goes on running. */
    public enum Reason {
        /** An operator asked for it. */
        ORDER,
        /** The edge gets no deliveries from some router. */
        DARKNESS
    }

    /**
     * A client is asked to reconnect within this time after its close. The delay is random, so that clients that were
     * closed together do not reconnect together.
     */
    static final Duration SPREAD = Duration.ofSeconds(1);
    /** How long a close waits for the client's last posts to be acknowledged. */
    static final Duration POSTS = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final Duration over;
    private final RandomGenerator random;
    private volatile boolean ending;
    private volatile boolean shut;
    /** The reasons for the drain; empty if there is none. Guarded by this, like {@code asked}. */
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    /** The thread that {@link #begin} started; null before that and after an undo. */
    private @Nullable Thread asked;

    /** @param over the time over which the clients are closed */
    public Drain(Sessions sessions, Duration over, RandomGenerator random) {
        this.sessions = sessions;
        this.over = over;
        this.random = random;
    }

    /** When a session is closed, counted from the start of the drain. */
    record ScheduledClose(Session session, Duration at) {}

    static List<ScheduledClose> plan(Collection<Session> sessions, Duration over, RandomGenerator random) {
        var order = new ArrayList<>(sessions);
        Collections.shuffle(order, random);
        var gracePeriods = new ArrayList<ScheduledClose>();
        for (var session : order) {
            gracePeriods
                    .add(new ScheduledClose(session, over.multipliedBy(gracePeriods.size()).dividedBy(order.size())));
        }
        return gracePeriods;
    }

    /** Whether new connections must be refused. */
    public boolean isUnderWay() {
        return ending || shut;
    }

    /**
     * Refuses new connections from now on and begins to close every connection. Returns once the last close has begun.
     */
    public void run() throws InterruptedException {
        ending = true; // before planning: a connection that the plan misses sees this
        sendAllAway();
    }

    /**
     * Begins to drain an edge that goes on running, and returns at once. After the delay, the edge refuses new
     * connections and closes its clients as {@link #run} does. If a drain is under way, only the reason is added.
     *
     * @param delay until load balancers have seen that the edge is not ready
     */
    public synchronized void begin(Reason reason, Duration delay) {
        reasons.add(reason);
        if (asked != null) return;
        asked = Thread.ofVirtual().name("drain").start(() -> {
            try {
                Thread.sleep(delay);
                if (shut()) sendAllAway();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the drain was undone
            }
        });
    }

    private synchronized boolean shut() {
        if (Thread.currentThread() != asked) return false; // undone meanwhile
        shut = true; // before planning, as in run
        return true;
    }

    /**
     * Removes a reason of {@link #begin}. If no other reason is left, the edge accepts clients again, and keeps those
     * that it has not closed yet.
     */
    public synchronized void undo(Reason reason) {
        reasons.remove(reason);
        if (asked == null || !reasons.isEmpty()) return;
        asked.interrupt();
        asked = null;
        shut = false;
    }

    /** The thread that {@link #begin} started, which may have ended; null before that and after an undo. */
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

    /** Begins to close one connection once its posts are acknowledged, or after {@link #POSTS}. Returns at once. */
    void sendAway(Session session) {
        Thread.ofVirtual().name("send-away").start(() -> {
            try {
                session.posts().close(POSTS); // the client posts the rest again, under the same ids
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            session.reply(new ServerFrame.Reconnect(random.nextLong(SPREAD.toMillis())));
            session.close(CloseCode.SERVICE_RESTART, "reconnect and resume");
        });
    }
}
