package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NewRoomLimitTest {
    private static final long SECOND = 1_000_000_000;

    private final Fixture fixture = new Fixture();
    /** Two rooms per second, five at once. */
    private final NewRoomLimit rooms = new NewRoomLimit(2, 5);
    private final long start = System.nanoTime() + 1_000 * SECOND;

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aBurstIsTakenAndThenTheRateHolds() {
        var session = session();

        assertThat(takeAll(session, start, 20)).isEqualTo(5);
        assertThat(rooms.take(session, start)).isEqualTo(Duration.ofMillis(500));
        assertThat(takeAll(session, start + SECOND, 20)).isEqualTo(2);
        assertThat(takeAll(session, start + 100 * SECOND, 20)).isEqualTo(5);
    }

    @Test
    void theConnectionsOfAUserShareALimit() {
        var taken = 0;
        for (var n = 0; n < 50; n++) taken += takeAll(session(), start, 20);

        assertThat(taken).isEqualTo(25);
        assertThat(takeAll(session(), start + SECOND, 20)).isEqualTo(5);
    }

    @Test
    void aUserWhoIsQuietIsForgotten() {
        rooms.take(session(), start);
        rooms.forget(start);
        assertThat(rooms.users()).isEqualTo(1);
        rooms.forget(start + SECOND);

        assertThat(rooms.users()).isZero();
    }

    private int takeAll(Session session, long now, int tries) {
        var taken = 0;
        for (var n = 0; n < tries; n++) {
            if (rooms.take(session, now).isZero()) taken++;
        }
        return taken;
    }

    private Session session() {
        return fixture.session(new FakeSocket());
    }
}
