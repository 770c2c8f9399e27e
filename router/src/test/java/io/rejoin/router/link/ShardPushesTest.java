package io.rejoin.router.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.Frame;
import io.rejoin.router.core.StateEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardPushesTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);

    private final EdgeStreams streams = new EdgeStreams();
    private long now;
    private final ShardPushes pushes = new ShardPushes(0, List.of(), () -> 1_000_000, () -> now);

    @Test
    void aStreamStartsAfterTheEdgesPosition() {
        streams.add(pushes);
        push(1, EDGE);
        push(2, EDGE);
        var stream = new FakeStream(EDGE, List.of(source(1)));
        streams.onOpened(stream);
        push(3, EDGE);

        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 1, source(1)));
        assertThat(stream.sources()).containsExactly(source(2), source(3));
        assertThat(stream.sentFrames().getFirst()).as("first of all").isInstanceOf(Frame.Begins.class);
    }

    @Test
    void aShardThatWasTakenOverContinuesFromItsState() {
        var restored = new ShardPushes(0, List.of(new StateEntry.LastDelivery(EDGE, source(7))), () -> 1_000_000);
        var stream = new FakeStream(EDGE, List.of(source(9)));
        streams.onOpened(stream);
        streams.add(restored);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 1, source(7)));
    }

    @Test
    void theStartShowsThatBatchesWereDropped() {
        var small = new ShardPushes(0, List.of(), () -> 1);
        small.push(batch(1, EDGE), value(1, EDGE), Map.of());
        streams.add(small);
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 1, source(1)));
        assertThat(stream.batches()).isEmpty();
    }

    @Test
    void eachEdgeGetsItsOwnDeliveries() {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        var other = new FakeStream(new EdgeRef("other", 1, 0));
        streams.onOpened(stream);
        streams.onOpened(other);
        push(1, EDGE);
        push(2, new EdgeRef("other", 1, 0));
        push(3, new EdgeRef("absent", 1, 0));
        assertThat(stream.sources()).containsExactly(source(1));
        assertThat(other.sources()).containsExactly(source(2));
    }

    @Test
    void unorderedBatchesAreSentOnceAndNotKept() {
        streams.add(pushes);
        pushes.pushUnordered(batch(1, EDGE));
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 0, null));
        assertThat(stream.batches()).isEmpty();
        pushes.pushUnordered(batch(2, EDGE));
        assertThat(stream.sources()).containsExactly(source(2));
    }

    @Test
    void aNewStreamOfAnEdgeReplacesTheOldOne() {
        streams.add(pushes);
        var first = new FakeStream(EDGE);
        var second = new FakeStream(EDGE);
        streams.onOpened(first);
        streams.onOpened(second);
        assertThat(first.isClosed()).isTrue();
        streams.onEnded(first); // the end of the first stream is noticed late
        push(1, EDGE);
        assertThat(second.sources()).containsExactly(source(1));
        assertThat(first.batches()).isEmpty();
        assertThat(streams.count()).isEqualTo(1);
    }

    @Test
    void aRemovedShardSendsNothingOnNewStreams() {
        streams.add(pushes);
        streams.remove(pushes);
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        push(1, EDGE);
        assertThat(stream.sentFrames()).isEmpty();
    }

    @Test
    void edgesAreNotifiedOnceThatAShardWasRemoved() {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        streams.remove(pushes);
        streams.remove(pushes);
        push(1, EDGE);
        assertThat(stream.sentFrames()).containsExactly(new Frame.Begins(0, 0, null), new Frame.Ends(0));
    }

    @Test
    void aCheckpointWaitsForConnectedEdges() throws Exception {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        push(1, EDGE);
        push(2, EDGE);
        var lastSent = pushes.lastSent();
        var waiting = Thread.ofVirtual().start(() -> awaitReceived(lastSent));
        streams.onPositions(stream, new Frame.Positions(1, List.of(source(1))));
        await().during(Duration.ofMillis(100)).atMost(LONG).until(waiting::isAlive);
        streams.onPositions(stream, new Frame.Positions(1, List.of(source(2))));
        assertThat(waiting.join(LONG)).isTrue();
    }

    @Test
    void itDoesNotWaitForClosedStreamsOrEarlierIncarnations() throws Exception {
        streams.add(pushes);
        var closed = new FakeStream(EDGE);
        var restarted = new FakeStream(new EdgeRef("renewed", 1, 0));
        streams.onOpened(closed);
        streams.onOpened(restarted);
        push(1, EDGE);
        push(2, new EdgeRef("renewed", 1, 0));
        var lastSent = pushes.lastSent();
        var waiting = Thread.ofVirtual().start(() -> awaitReceived(lastSent));
        streams.onEnded(closed);
        streams.onPositions(restarted, new Frame.Positions(2, List.of()));
        assertThat(waiting.join(LONG)).isTrue();
    }

    @Test
    void anIdleEdgeIsNotSilent() throws Exception {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        now += ShardPushes.MAX_SILENCE.multipliedBy(2).toNanos();
        push(1, EDGE);
        var lastSent = pushes.lastSent();
        var waiting = Thread.ofVirtual().start(() -> awaitReceived(lastSent));
        await().during(Duration.ofMillis(100)).atMost(LONG).until(waiting::isAlive);
        streams.onPositions(stream, new Frame.Positions(1, List.of(source(1))));
        assertThat(waiting.join(LONG)).isTrue();
    }

    @Test
    void itDoesNotWaitForASilentEdge() throws Exception {
        streams.add(pushes);
        streams.onOpened(new FakeStream(EDGE));
        push(1, EDGE);
        now += ShardPushes.MAX_SILENCE.toNanos();
        push(2, EDGE);
        now++;
        pushes.awaitReceived(pushes.lastSent(), LONG);
        assertThat(pushes.lastSent().byEdge()).containsOnlyKeys("edge");
    }

    @Test
    void batchesSentAgainOnANewStreamCountAsSent() {
        streams.add(pushes);
        push(1, EDGE);
        streams.onOpened(new FakeStream(EDGE));
        assertThat(pushes.lastSent().byEdge())
                .containsEntry("edge", new ShardPushes.LastSent.SentPosition(1, source(1)));
    }

    @Test
    void theWaitTimesOut() throws Exception {
        streams.add(pushes);
        streams.onOpened(new FakeStream(EDGE));
        push(1, EDGE);
        pushes.awaitReceived(pushes.lastSent(), Duration.ofMillis(10));
        assertThat(pushes.lastSent().byEdge()).containsOnlyKeys("edge");
    }

    @Test
    void receivedBatchesAreNotSentAgain() {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        push(1, EDGE);
        push(2, EDGE);
        streams.onPositions(stream, new Frame.Positions(1, List.of(source(1))));
        streams.onEnded(stream);
        var next = new FakeStream(EDGE);
        streams.onOpened(next); // as if the edge had lost its position
        assertThat(next.begins()).containsExactly(new Frame.Begins(0, 1, source(1)));
        assertThat(next.sources()).containsExactly(source(2));
    }

    @Test
    void backlogsOfUnknownEdgesAreRemoved() {
        streams.add(pushes);
        push(1, EDGE);
        push(2, new EdgeRef("known", 1, 0));
        pushes.forgetAllBut(Set.of("known"));
        var stream = new FakeStream(EDGE);
        streams.onOpened(stream);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 0, null));
        var known = new FakeStream(new EdgeRef("known", 1, 0));
        streams.onOpened(known);
        assertThat(known.sources()).containsExactly(source(2));
    }

    private void awaitReceived(ShardPushes.LastSent lastSent) {
        try {
            pushes.awaitReceived(lastSent, LONG);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void push(long offset, EdgeRef edge) {
        pushes.push(batch(offset, edge), value(offset, edge), Map.of());
    }

    private static byte[] value(long offset, EdgeRef edge) {
        return LogCodec.deliveries(batch(offset, edge));
    }

    private static DeliveryBatch batch(long offset, EdgeRef edge) {
        return new DeliveryBatch(edge.edge(), edge.incarnation(), List.of(new DeliveryBatch.Entry(source(offset),
                new Delivery.Acked(new RoomId("default", "r"), new ConnectionId("c"), "1", offset, 1, false))));
    }

    private static Source source(long offset) {
        return new Source(0, offset, 0);
    }
}
