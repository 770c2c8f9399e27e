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
        OPERATOR,
        /** The edge gets no deliveries from some router. */
        UNCOVERED_SHARDS
    }

    /**
     * A client is asked to reconnect within this time after its close. The delay is random, so that clients that were
     * closed together do not reconnect together.
     */
    static final Duration MAX_RECONNECT_DELAY = Duration.ofSeconds(1);
    /** How long a close waits for the client's last posts to be acknowledged. */
    static final Duration POSTS_TIMEOUT = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final Duration spread;
    private final RandomGenerator random;
    private volatile boolean isEnding;
    private volatile boolean isRefusing;
    /** The reasons for the drain; empty if there is none. Guarded by this, like {@code drainThread}. */
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    /** The thread that {@link #begin} started; null before that and after an undo. */
    private @Nullable Thread drainThread;

    /** @param spread the time over which the clients are closed */
    public Drain(Sessions sessions, Duration spread, RandomGenerator random) {
        this.sessions = sessions;
        this.spread = spread;
        this.random = random;
    }

    /** When a session is closed, counted from the start of the drain. */
    record ScheduledClose(Session session, Duration delay) {}

    static List<ScheduledClose> plan(Collection<Session> sessions, Duration spread, RandomGenerator random) {
        var order = new ArrayList<>(sessions);
        Collections.shuffle(order, random);
        var plan = new ArrayList<ScheduledClose>();
        for (var session : order) {
            plan.add(new ScheduledClose(session, spread.multipliedBy(plan.size()).dividedBy(order.size())));
        }
        return plan;
    }

    /** Whether new connections must be refused. */
    public boolean isDraining() {
        return isEnding || isRefusing;
    }

    /**
     * Refuses new connections from now on and begins to close every connection. Returns once the last close has begun.
     */
    public void run() throws InterruptedException {
        isEnding = true; // before planning: a connection that the plan misses sees this
        closeAll();
    }

    /**
     * Begins to drain an edge that goes on running, and returns at once. After the delay, the edge refuses new
     * connections and closes its clients as {@link #run} does. If a drain is under way, only the reason is added.
     *
     * @param delay until load balancers have seen that the edge is not ready
     */
    public synchronized void begin(Reason reason, Duration delay) {
        reasons.add(reason);
        if (drainThread != null) return;
        drainThread = Thread.ofVirtual().name("drain").start(() -> {
            try {
                Thread.sleep(delay);
                if (startRefusing()) closeAll();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the drain was undone
            }
        });
    }

    private synchronized boolean startRefusing() {
        if (Thread.currentThread() != drainThread) return false; // undone meanwhile
        isRefusing = true; // before planning, as in run
        return true;
    }

    /**
     * Removes a reason of {@link #begin}. If no other reason is left, the edge accepts clients again, and keeps those
     * that it has not closed yet.
     */
    public synchronized void undo(Reason reason) {
        reasons.remove(reason);
        if (drainThread == null || !reasons.isEmpty()) return;
        drainThread.interrupt();
        drainThread = null;
        isRefusing = false;
    }

    /** The thread that {@link #begin} started, which may have ended; null before that and after an undo. */
    synchronized @Nullable Thread drainThread() {
        return drainThread;
    }

    private void closeAll() throws InterruptedException {
        var start = System.nanoTime();
        for (var scheduled : plan(sessions.all(), spread, random)) {
            var remaining = scheduled.delay().minusNanos(System.nanoTime() - start);
            if (remaining.isPositive()) Thread.sleep(remaining);
            closeAfterPosts(scheduled.session());
        }
    }

    /**
     * Begins to close one connection once its posts are acknowledged, or after {@link #POSTS_TIMEOUT}. Returns at once.
     */
    void closeAfterPosts(Session session) {
        Thread.ofVirtual().name("send-away").start(() -> {
            try {
                session.posts().close(POSTS_TIMEOUT); // the client posts the rest again, under the same ids
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            session.reply(new ServerFrame.Reconnect(random.nextLong(MAX_RECONNECT_DELAY.toMillis())));
            session.close(CloseCode.SERVICE_RESTART, "reconnect and resume");
        });
    }
}
