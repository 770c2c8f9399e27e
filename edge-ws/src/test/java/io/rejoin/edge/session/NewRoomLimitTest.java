package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NewRoomLimitTest {
    private static final long SECOND = 1_000_000_000;

    private final Fixture fixture = new Fixture();
    /** Two rooms per second, five at once. */
    private final NewRoomLimit limit = new NewRoomLimit(2, 5);
    private final long start = System.nanoTime() + 1_000 * SECOND;

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aBurstIsAllowedAndThenTheRateHolds() {
        var session = session();

        assertThat(acquireMany(session, start, 20)).isEqualTo(5);
        assertThat(limit.acquire(session, start)).isEqualTo(Duration.ofMillis(500));
        assertThat(acquireMany(session, start + SECOND, 20)).isEqualTo(2);
        assertThat(acquireMany(session, start + 100 * SECOND, 20)).isEqualTo(5);
    }

    @Test
    void theConnectionsOfAUserShareALimit() {
        var acquired = 0;
        for (var n = 0; n < 50; n++) acquired += acquireMany(session(), start, 20);

        assertThat(acquired).isEqualTo(25);
        assertThat(acquireMany(session(), start + SECOND, 20)).isEqualTo(5);
    }

    @Test
    void anIdleUserIsRemoved() {
        limit.acquire(session(), start);
        limit.removeIdle(start);
        assertThat(limit.userCount()).isEqualTo(1);
        limit.removeIdle(start + SECOND);

        assertThat(limit.userCount()).isZero();
    }

    private int acquireMany(Session session, long now, int tries) {
        var acquired = 0;
        for (var n = 0; n < tries; n++) {
            if (limit.acquire(session, now).isZero()) acquired++;
        }
        return acquired;
    }

    private Session session() {
        return fixture.session(new FakeSocket());
    }
}
