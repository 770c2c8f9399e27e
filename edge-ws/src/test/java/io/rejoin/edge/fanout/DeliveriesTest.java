package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests that the position where a stream begins shows whether the edge missed a delivery. */
class DeliveriesTest {
    private static final int SHARD = 3;

    private final NoReceivers receivers = new NoReceivers();
    private final EdgeIdentity identity = new EdgeIdentity("edge");
    private final Deliveries deliveries = new Deliveries(identity,
            new FanOut(new LocalRooms(1_000), receivers, (_, _, _, _, _) -> {
                throw new IOException("nothing is read here");
            }, (_, _) -> {}, (_, _) -> {}, System::nanoTime, new FanOutMeters(new SimpleMeterRegistry())), receivers);

    /** An edge without connections. */
    private static final class NoReceivers implements Receivers {
        private int rejoined;

        @Override
        public @Nullable Receiver find(ConnectionId connection) {
            return null;
        }

        @Override
        public Collection<? extends Receiver> of(UserId user) {
            return List.of();
        }

        @Override
        public void rejoinAll() {
            rejoined++;
        }
    }

    @Test
    void aStreamThatContinuesAtTheLastPositionHasNoGap() {
        assertThat(deliveries.hasGapBefore(SHARD, 0, null)).isFalse();
        handle(1, 5);
        handle(1, 6);
        assertThat(deliveries.hasGapBefore(SHARD, 1, source(6))).isFalse();
        assertThat(deliveries.hasGapBefore(SHARD, 1, source(5))).isFalse();
        assertThat(deliveries.positions()).containsExactly(source(6));
    }

    @Test
    void aStreamThatBeginsBeyondTheLastPositionHasAGap() {
        assertThat(deliveries.hasGapBefore(SHARD, 1, source(4))).isTrue();
        handle(1, 5);
        assertThat(deliveries.hasGapBefore(SHARD, 1, source(6))).isTrue();
        assertThat(deliveries.hasGapBefore(SHARD + 1, 1, new Source(SHARD + 1, 1, 0))).isTrue();
    }

    @Test
    void aGapOfAnEarlierIncarnationDoesNotCount() {
        handle(1, 5);
        deliveries.renew();
        assertThat(receivers.rejoined).isEqualTo(1);
        assertThat(deliveries.positions()).isEmpty();
        assertThat(deliveries.hasGapBefore(SHARD, 1, source(9))).isFalse();
        assertThat(deliveries.hasGapBefore(SHARD, 2, source(9))).isTrue();
    }

    /** The shard gave the edge up so long ago that it has forgotten the edge. */
    @Test
    void aShardWithoutAPositionHasGivenTheEdgeUp() {
        handle(1, 5);
        assertThat(deliveries.hasGapBefore(SHARD, 0, null)).isTrue();
    }

    private void handle(long incarnation, long offset) {
        var acked = new Delivery.Acked(new RoomId("default", "r"), new ConnectionId("c"), "id", 1, 1, false);
        assertThat(deliveries.handle(incarnation, new DeliveryBatch.Entry(source(offset), acked))).isNull();
    }

    private static Source source(long offset) {
        return new Source(SHARD, offset, 0);
    }
}
