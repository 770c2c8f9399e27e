package io.rejoin.edge.session;

import io.rejoin.contracts.client.CloseCode;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Pings silent clients, and closes clients that stay silent or whose token has expired. Also fails requests and posts
 * whose answers are overdue.
 */
public final class ClientHeartbeats implements Runnable {
    private static final Duration MAX_ROUND = Duration.ofSeconds(1);

    private final Sessions sessions;
    private final long heartbeatNanos;
    private final long roundNanos;
    private final NewRoomLimit newRooms;
    private final Clock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** @param heartbeat after this time of silence a client is pinged; after twice that time it is closed */
    public ClientHeartbeats(Sessions sessions, Duration heartbeat, NewRoomLimit newRooms, Clock clock) {
        this.sessions = sessions;
        this.heartbeatNanos = heartbeat.toNanos();
        this.roundNanos = Math.min(MAX_ROUND.toNanos(), heartbeatNanos / 4);
        this.newRooms = newRooms;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            var before = System.nanoTime();
            while (!stopped.await(roundNanos, TimeUnit.NANOSECONDS)) {
                var now = System.nanoTime();
                var wasPaused = now - before > heartbeatNanos / 2 + roundNanos * 4;
                before = now;
                if (!wasPaused) checkAll(now); // after a pause of this process, read first what clients sent
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        stopped.countDown();
    }

    void checkAll(long now) {
        var time = clock.millis();
        newRooms.removeIdle(now);
        for (var session : sessions.all()) {
            session.failOverdue(now);
            var expires = session.principal().expiresMs();
            var silence = now - session.socket().lastReceivedAt();
            if (expires != null && time >= expires) {
                session.close(CloseCode.TOKEN_EXPIRED, "the token has expired: reconnect with a new one");
            } else if (silence > 2 * heartbeatNanos) {
                session.close(CloseCode.HEARTBEAT_LOST, "the client was silent for too long: reconnect and resume");
            } else if (silence > heartbeatNanos && now - session.lastPingAt() > heartbeatNanos / 2) {
                session.ping(now);
            }
        }
    }
}
