package io.rejoin.router.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.router.core.StateEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);
    private static final int SIZE = 10;
    /** One shared instance, because records compare arrays by identity. */
    private static final byte[] VALUE = new byte[SIZE];

    private final Backlog backlog = new Backlog(null, () -> 3 * SIZE);

    @Test
    void anEdgeWithoutAPositionGetsAllKeptBatches() {
        add(backlog, 1, 5, 6);
        assertThat(backlog.missingAfter(1, null))
                .isEqualTo(continuation(Backlog.StreamStart.NOTHING, batch(1, 5), batch(1, 6)));
    }

    @Test
    void anEdgeGetsTheBatchesAfterItsPosition() {
        add(backlog, 1, 5, 6, 7);
        assertThat(backlog.missingAfter(1, source(6))).isEqualTo(continuation(start(1, 6), batch(1, 7)));
        assertThat(backlog.missingAfter(1, source(7))).isEqualTo(continuation(start(1, 7)));
    }

    /** The start tells the edge that deliveries are missing. */
    @Test
    void theStartShowsThatBatchesWereDropped() {
        add(backlog, 1, 5, 6, 7, 8, 9);
        assertThat(backlog.missingAfter(1, source(5)))
                .isEqualTo(continuation(start(1, 6), batch(1, 7), batch(1, 8), batch(1, 9)));
        assertThat(backlog.missingAfter(1, source(6)).start()).isEqualTo(start(1, 6));
    }

    @Test
    void aShardThatWasTakenOverContinuesFromItsState() {
        var restored = new Backlog(new StateEntry.LastDelivery(EDGE, source(4)), () -> 3 * SIZE);
        assertThat(restored.missingAfter(1, source(3))).isEqualTo(continuation(start(1, 4)));
        add(restored, 1, 5);
        assertThat(restored.missingAfter(1, source(4))).isEqualTo(continuation(start(1, 4), batch(1, 5)));
    }

    @Test
    void receivedBatchesAreDropped() {
        add(backlog, 1, 5, 6, 7);
        backlog.dropReceived(1, source(6));
        add(backlog, 1, 8, 9);
        assertThat(backlog.missingAfter(1, source(6)))
                .isEqualTo(continuation(start(1, 6), batch(1, 7), batch(1, 8), batch(1, 9)));
    }

    @Test
    void batchesOfTheIncarnationBeforeAreNotSentAgain() {
        add(backlog, 1, 5, 6);
        add(backlog, 2, 7);
        assertThat(backlog.missingAfter(2, source(7))).isEqualTo(continuation(start(2, 7)));
        assertThat(backlog.missingAfter(2, null).start()).isEqualTo(Backlog.StreamStart.NOTHING);
    }

    /** An answer to a request of an earlier incarnation is not part of the chain, and must not hide a gap in it. */
    @Test
    void aLateBatchForTheIncarnationBeforeDoesNotMoveTheStart() {
        add(backlog, 2, 5, 6);
        add(backlog, 1, 7);
        add(backlog, 2, 8);
        add(backlog, 1, 9, 10);
        assertThat(backlog.missingAfter(2, source(5)).start()).isEqualTo(start(2, 6));
        add(backlog, 1, 11, 12, 13);
        assertThat(backlog.missingAfter(2, source(6)).start()).isEqualTo(start(2, 8));
    }

    private static void add(Backlog to, long incarnation, long... offsets) {
        for (var offset : offsets) to.add(batch(incarnation, offset));
    }

    private static Backlog.Continuation continuation(Backlog.StreamStart start, Backlog.SentBatch... batches) {
        return new Backlog.Continuation(start, List.of(batches));
    }

    private static Backlog.StreamStart start(long incarnation, long offset) {
        return new Backlog.StreamStart(incarnation, source(offset));
    }

    private static Backlog.SentBatch batch(long incarnation, long offset) {
        return new Backlog.SentBatch(incarnation, source(offset), VALUE);
    }

    private static Source source(long offset) {
        return new Source(0, offset, 0);
    }
}
