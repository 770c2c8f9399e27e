package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.resume.FakeHistory;
import io.rejoin.edge.room.FakeReceiver;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.FrameMemory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests a client that has read half of its outbox, while the next message is larger than the free half. */
class CatchUpTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId BOB = new UserId("default", "bob");
    /** Takes three of the four places in the outbox. */
    private static final String LARGE = "x".repeat(5 * FakeReceiver.PLACE_BYTES / 2);

    private final FakeHistory history = new FakeHistory();
    private final FakeReceiver slow = new FakeReceiver("slow", 4, false);
    private final FanOut fanOut = new FanOut(new LocalRooms(1_000_000), new Receivers() {
        @Override
        public @Nullable Receiver find(ConnectionId connection) {
            return slow;
        }

        @Override
        public Collection<? extends Receiver> of(UserId user) {
            return List.of(slow);
        }

        @Override
        public void rejoinAll() {
            throw new AssertionError("of StreamFrames");
        }
    }, history, new FrameMemory(20_000_000), new Random(1), new FanOutMeters(new SimpleMeterRegistry()));

    @Test
    void aRecentMessageThatDoesNotFitIsOfferedAgainOnceThereIsSpace() {
        slow.addJoining(LOBBY, 1, null, null);
        fanOut.deliver(joined(0));
        for (var seq = 1; seq <= 2; seq++) fanOut.deliver(message(seq, "small"));
        fanOut.deliver(message(3, LARGE));

        await().atMost(LONG).until(slow::hasWaiter);
        assertThat(slow.seqs()).containsExactly(1L, 2L);
        slow.drain();
        await().atMost(LONG).untilAsserted(() -> assertThat(slow.seqs()).containsExactly(1L, 2L, 3L));
    }

    @Test
    void aPageIsReadAgainOnlyOnceItsNextMessageFits() {
        history.setMessages(1, 1, 3);
        history.setText(3, LARGE);
        slow.addJoining(LOBBY, 1, new After.Seq(0), 1L);
        fanOut.deliver(joined(3));

        await().atMost(LONG).until(slow::hasWaiter);
        assertThat(slow.seqs()).containsExactly(1L, 2L);
        assertThat(history.reads()).containsExactly(0L);
        slow.drain();
        await().atMost(LONG).untilAsserted(() -> assertThat(slow.seqs()).containsExactly(1L, 2L, 3L));
        assertThat(history.reads()).hasSizeLessThanOrEqualTo(2);
    }

    private Delivery.Joined joined(long head) {
        return new Delivery.Joined(LOBBY, slow.id, 1, 1, head, List.of(BOB), 1, 1, null);
    }

    private static Delivery.Message message(long seq, String text) {
        return new Delivery.Message(LOBBY, 1, seq, BOB, null, Content.text(text), seq);
    }
}
