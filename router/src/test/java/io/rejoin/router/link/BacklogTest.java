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

    private final Backlog fresh = new Backlog(null, () -> 3 * SIZE);

    @Test
    void anEdgeThatHasNothingGetsAllOfWhatThereWas() {
        add(fresh, 1, 5, 6);
        assertThat(fresh.from(1, null)).isEqualTo(goesOn(Backlog.Begin.NOTHING, sent(1, 5), sent(1, 6)));
    }

    @Test
    void anEdgeGetsWhatComesAfterItsPosition() {
        add(fresh, 1, 5, 6, 7);
        assertThat(fresh.from(1, source(6))).isEqualTo(goesOn(begin(1, 6), sent(1, 7)));
        assertThat(fresh.from(1, source(7))).isEqualTo(goesOn(begin(1, 7)));
    }

    /** The start tells the edge that deliveries are missing. */
    @Test
    void whatIsNotKeptAnyMoreIsNotPassedOverInSilence() {
        add(fresh, 1, 5, 6, 7, 8, 9);
        assertThat(fresh.from(1, source(5))).isEqualTo(goesOn(begin(1, 6), sent(1, 7), sent(1, 8), sent(1, 9)));
        assertThat(fresh.from(1, source(6)).begin()).isEqualTo(begin(1, 6));
    }

    @Test
    void aShardThatWasTakenOverGoesOnFromItsState() {
        var taken = new Backlog(new StateEntry.LastDelivery(EDGE, source(4)), () -> 3 * SIZE);
        assertThat(taken.from(1, source(3))).isEqualTo(goesOn(begin(1, 4)));
        add(taken, 1, 5);
        assertThat(taken.from(1, source(4))).isEqualTo(goesOn(begin(1, 4), sent(1, 5)));
    }

    @Test
    void whatTheEdgeHasIsNotKept() {
        add(fresh, 1, 5, 6, 7);
        fresh.reached(1, source(6));
        add(fresh, 1, 8, 9);
        assertThat(fresh.from(1, source(6))).isEqualTo(goesOn(begin(1, 6), sent(1, 7), sent(1, 8), sent(1, 9)));
    }

    @Test
    void ofTheIncarnationBeforeNothingIsLacking() {
        add(fresh, 1, 5, 6);
        add(fresh, 2, 7);
        assertThat(fresh.from(2, source(7))).isEqualTo(goesOn(begin(2, 7)));
        assertThat(fresh.from(2, null).begin()).isEqualTo(Backlog.Begin.NOTHING);
    }

    /** An answer to a request of an earlier incarnation is not part of the chain, and must not hide a gap in it. */
    @Test
    void whatComesLateForTheIncarnationBeforeMovesNothing() {
        add(fresh, 2, 5, 6);
        add(fresh, 1, 7);
        add(fresh, 2, 8);
        add(fresh, 1, 9, 10);
        assertThat(fresh.from(2, source(5)).begin()).isEqualTo(begin(2, 6));
        add(fresh, 1, 11, 12, 13);
        assertThat(fresh.from(2, source(6)).begin()).isEqualTo(begin(2, 8));
    }

    private static void add(Backlog to, long incarnation, long... offsets) {
        for (var offset : offsets) to.add(sent(incarnation, offset));
    }

    private static Backlog.Continuation goesOn(Backlog.Begin begin, Backlog.Sent... batches) {
        return new Backlog.Continuation(begin, List.of(batches));
    }

    private static Backlog.Begin begin(long incarnation, long offset) {
        return new Backlog.Begin(incarnation, source(offset));
    }

    private static Backlog.Sent sent(long incarnation, long offset) {
        return new Backlog.Sent(incarnation, source(offset), VALUE);
    }

    private static Source source(long offset) {
        return new Source(0, offset, 0);
    }
}
