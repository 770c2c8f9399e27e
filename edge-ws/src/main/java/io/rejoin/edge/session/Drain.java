package io.rejoin.edge.session;

import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Sends an edge's clients away, to resume at another: spread evenly over a time and in random order, so that the other edges
 * and the history service are not overrun, whether a client knows of {@code reconnect} or not.
 */
public final class Drain {
    /** A client comes back within this time of its close: what belongs together does not come in the same moment. */
    static final Duration SPREAD = Duration.ofSeconds(1);
    /** How long a client's last posts may take to be acknowledged before it is closed without. */
    static final Duration POSTS = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final Duration over;
    private final RandomGenerator random;
    private volatile boolean underWay;

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
    boolean isUnderWay() {
        return underWay;
    }

    /** Lets nobody in from now on and begins to close every connection; returns once the last has been begun with. */
    public void run() throws InterruptedException {
        underWay = true; // before the plan: whoever is in neither sees this
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
