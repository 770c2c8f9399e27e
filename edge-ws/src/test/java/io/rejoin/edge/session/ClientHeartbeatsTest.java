package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.edge.auth.Grants;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientHeartbeatsTest {
    private static final Duration HEARTBEAT = Duration.ofSeconds(100);

    private final Fixture fixture = new Fixture();
    private final FakeSocket socket = new FakeSocket();
    private final ClientHeartbeats heartbeats = new ClientHeartbeats(fixture.sessions, HEARTBEAT, fixture.newRooms,
            Fixture.CLOCK);

    @BeforeEach
    void start() {
        Thread.ofVirtual().start(heartbeats);
    }

    @AfterEach
    void stop() {
        heartbeats.stop();
        fixture.close();
    }

    @Test
    void aSilentClientIsPingedOnceInAWhileAndStaysOpen() {
        var session = fixture.session(socket);
        session.ping(System.nanoTime() - HEARTBEAT.toNanos());
        socket.setSilence(HEARTBEAT.plusSeconds(1));
        await().atMost(Duration.ofSeconds(40)).until(() -> socket.pings() == 2);

        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void aClientThatStaysSilentIsClosed() {
        fixture.session(socket);
        socket.setSilence(HEARTBEAT.multipliedBy(3));

        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> assertThat(socket.closed()).isEqualTo(4408));
    }

    @Test
    void anExpiredTokenEndsItsConnection() {
        fixture.session(socket, Grants.ALL, Fixture.CLOCK.millis());

        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> assertThat(socket.closed()).isEqualTo(4401));
    }
}
