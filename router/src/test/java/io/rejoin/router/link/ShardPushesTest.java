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
    void aStreamBeginsWhereTheEdgeIsAndGoesOn() {
        streams.add(pushes);
        push(1, EDGE);
        push(2, EDGE);
        var stream = new FakeStream(EDGE, List.of(source(1)));
        streams.opened(stream);
        push(3, EDGE);

        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 1, source(1)));
        assertThat(stream.sources()).containsExactly(source(2), source(3));
        assertThat(stream.said().getFirst()).as("first of all").isInstanceOf(Frame.Begins.class);
    }

    @Test
    void aShardThatWasTakenOverGoesOnFromItsState() {
        var taken = new ShardPushes(0, List.of(new StateEntry.LastDelivery(EDGE, source(7))), () -> 1_000_000);
        var stream = new FakeStream(EDGE, List.of(source(9)));
        streams.opened(stream);
        streams.add(taken);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 1, source(7)));
    }

    @Test
    void whatIsNotKeptAnyMoreShowsWhereTheStreamBegins() {
        var little = new ShardPushes(0, List.of(), () -> 1);
        little.push(batch(1, EDGE), value(1, EDGE), Map.of());
        streams.add(little);
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 1, source(1)));
        assertThat(stream.batches()).isEmpty();
    }

    @Test
    void eachEdgeIsToldWhatIsForIt() {
        streams.add(pushes);
        var one = new FakeStream(EDGE);
        var other = new FakeStream(new EdgeRef("other", 1, 0));
        streams.opened(one);
        streams.opened(other);
        push(1, EDGE);
        push(2, new EdgeRef("other", 1, 0));
        push(3, new EdgeRef("absent", 1, 0));
        assertThat(one.sources()).containsExactly(source(1));
        assertThat(other.sources()).containsExactly(source(2));
    }

    @Test
    void whatIsBesideTheOrderIsSaidOnceAndNotKept() {
        streams.add(pushes);
        pushes.pushUnordered(batch(1, EDGE));
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 0, null));
        assertThat(stream.batches()).isEmpty();
        pushes.pushUnordered(batch(2, EDGE));
        assertThat(stream.sources()).containsExactly(source(2));
    }

    @Test
    void anEdgeThatOpensAnotherStreamLosesTheFirst() {
        streams.add(pushes);
        var first = new FakeStream(EDGE);
        var second = new FakeStream(EDGE);
        streams.opened(first);
        streams.opened(second);
        assertThat(first.isClosed()).isTrue();
        streams.ended(first); // the end of the first stream is noticed late
        push(1, EDGE);
        assertThat(second.sources()).containsExactly(source(1));
        assertThat(first.batches()).isEmpty();
        assertThat(streams.count()).isEqualTo(1);
    }

    @Test
    void aShardThatHasEndedSaysNothingToThoseWhoCome() {
        streams.add(pushes);
        streams.remove(pushes);
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        push(1, EDGE);
        assertThat(stream.said()).isEmpty();
    }

    @Test
    void edgesAreToldOnceThatAShardHasEnded() {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        streams.remove(pushes);
        streams.remove(pushes);
        push(1, EDGE);
        assertThat(stream.said()).containsExactly(new Frame.Begins(0, 0, null), new Frame.Ends(0));
    }

    @Test
    void aCheckpointWaitsForTheEdgesThatAreThere() throws Exception {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        push(1, EDGE);
        push(2, EDGE);
        var said = pushes.lastSent();
        var waiting = Thread.ofVirtual().start(() -> awaitReached(said));
        streams.reached(stream, new Frame.Reached(1, List.of(source(1))));
        await().during(Duration.ofMillis(100)).atMost(LONG).until(waiting::isAlive);
        streams.reached(stream, new Frame.Reached(1, List.of(source(2))));
        assertThat(waiting.join(LONG)).isTrue();
    }

    @Test
    void itWaitsForNoEdgeThatHasGoneOrBegunAnew() throws Exception {
        streams.add(pushes);
        var gone = new FakeStream(EDGE);
        var renewed = new FakeStream(new EdgeRef("renewed", 1, 0));
        streams.opened(gone);
        streams.opened(renewed);
        push(1, EDGE);
        push(2, new EdgeRef("renewed", 1, 0));
        var said = pushes.lastSent();
        var waiting = Thread.ofVirtual().start(() -> awaitReached(said));
        streams.ended(gone);
        streams.reached(renewed, new Frame.Reached(2, List.of()));
        assertThat(waiting.join(LONG)).isTrue();
    }

    @Test
    void anEdgeThatWasToldNothingForLongIsWaitedForAll() throws Exception {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        now += ShardPushes.SILENT.multipliedBy(2).toNanos();
        push(1, EDGE);
        var said = pushes.lastSent();
        var waiting = Thread.ofVirtual().start(() -> awaitReached(said));
        await().during(Duration.ofMillis(100)).atMost(LONG).until(waiting::isAlive);
        streams.reached(stream, new Frame.Reached(1, List.of(source(1))));
        assertThat(waiting.join(LONG)).isTrue();
    }

    @Test
    void itWaitsForNoEdgeThatIsToldThingsAndSaysNothing() throws Exception {
        streams.add(pushes);
        streams.opened(new FakeStream(EDGE));
        push(1, EDGE);
        now += ShardPushes.SILENT.toNanos();
        push(2, EDGE);
        now++;
        pushes.awaitReached(pushes.lastSent(), LONG);
        assertThat(pushes.lastSent().byEdge()).containsOnlyKeys("edge");
    }

    @Test
    void itWaitsForWhatANewStreamBroughtFirst() {
        streams.add(pushes);
        push(1, EDGE);
        streams.opened(new FakeStream(EDGE));
        assertThat(pushes.lastSent().byEdge()).containsEntry("edge", new ShardPushes.LastSent.Last(1, source(1)));
    }

    @Test
    void itWaitsForNoEdgeWithoutEnd() throws Exception {
        streams.add(pushes);
        streams.opened(new FakeStream(EDGE));
        push(1, EDGE);
        pushes.awaitReached(pushes.lastSent(), Duration.ofMillis(10));
        assertThat(pushes.lastSent().byEdge()).containsOnlyKeys("edge");
    }

    @Test
    void whatAnEdgeHasTakenIsNotKept() {
        streams.add(pushes);
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        push(1, EDGE);
        push(2, EDGE);
        streams.reached(stream, new Frame.Reached(1, List.of(source(1))));
        streams.ended(stream);
        var next = new FakeStream(EDGE);
        streams.opened(next); // as if the edge had lost its position
        assertThat(next.begins()).containsExactly(new Frame.Begins(0, 1, source(1)));
        assertThat(next.sources()).containsExactly(source(2));
    }

    @Test
    void edgesThatNobodyKnowsAnyMoreAreForgotten() {
        streams.add(pushes);
        push(1, EDGE);
        push(2, new EdgeRef("known", 1, 0));
        pushes.forgetAllBut(Set.of("known"));
        var stream = new FakeStream(EDGE);
        streams.opened(stream);
        assertThat(stream.begins()).containsExactly(new Frame.Begins(0, 0, null));
        var known = new FakeStream(new EdgeRef("known", 1, 0));
        streams.opened(known);
        assertThat(known.sources()).containsExactly(source(2));
    }

    private void awaitReached(ShardPushes.LastSent said) {
        try {
            pushes.awaitReached(said, LONG);
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
