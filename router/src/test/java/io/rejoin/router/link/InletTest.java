package io.rejoin.router.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** In this test a record is its own offset. */
class InletTest {
    private static final Duration SHORT_TIME = Duration.ofMillis(1);

    private final List<Long> passedOn = new ArrayList<>();
    private boolean hasSpace = true;
    private int bytes = 1;
    private boolean isFetching;
    private long now = -5; // nanoTime may be anything
    private final Inlet<Long> inlet = inlet(10);

    private Inlet<Long> inlet(long next) {
        return new Inlet<>(next, Long::longValue, _ -> bytes, new Inlet.Outlet<>() {
            @Override
            public boolean hasSpace() {
                return hasSpace;
            }

            @Override
            public void put(List<Long> records) {
                assertThat(records).isNotEmpty();
                passedOn.addAll(records);
            }
        }, () -> now);
    }

    private void announce(long... offsets) {
        for (var offset : offsets) inlet.onAnnounced(offset);
    }

    /** Asks as the caller does: fetching goes on until it is not needed. */
    private boolean decideFetch(Inlet<Long> of) {
        isFetching = of.decideFetch(isFetching);
        return isFetching;
    }

    private void fetch(Long... records) {
        inlet.onFetched(Math.min(inlet.nextOffset(), records[0]), List.of(records));
    }

    private void advance(Duration time) {
        now += time.toNanos();
    }

    @Test
    void recordsAnnouncedInOrderArePassedOnAtOnceAndNotFetched() {
        assertThat(decideFetch(inlet)).isTrue();
        announce(10, 11);

        assertThat(passedOn).containsExactly(10L, 11L);
        assertThat(decideFetch(inlet)).isFalse();
        assertThat(inlet.nextOffset()).isEqualTo(12);
    }

    @Test
    void anEarlyRecordWaitsForTheRecordsBeforeIt() {
        announce(12, 11, 14);
        assertThat(passedOn).isEmpty();
        assertThat(inlet.waitingCount()).isEqualTo(3);
        announce(10);
        assertThat(passedOn).containsExactly(10L, 11L, 12L);
        announce(13);
        assertThat(passedOn).containsExactly(10L, 11L, 12L, 13L, 14L);
        assertThat(inlet.waitingCount()).isZero();
    }

    @Test
    void noRecordIsPassedOnTwice() {
        fetch(10L, 11L);
        announce(9, 10, 11, 12, 12);
        fetch(11L, 12L, 13L);
        announce(13);

        assertThat(passedOn).containsExactly(10L, 11L, 12L, 13L);
    }

    @Test
    void fetchedRecordsFillAGap() {
        announce(12, 13);
        fetch(10L, 11L);

        assertThat(passedOn).containsExactly(10L, 11L, 12L, 13L);
    }

    /** A transaction marker takes an offset but is no record. */
    @Test
    void fetchingSkipsOffsetsWithoutRecords() {
        announce(11, 14);
        fetch(12L);
        assertThat(passedOn).containsExactly(12L);
        announce(13);

        assertThat(passedOn).containsExactly(12L, 13L, 14L);
    }

    @Test
    void afterAGapAllRecordsAreFetchedForAWhile() {
        announce(10, 12);
        advance(Inlet.MAX_REORDER_DELAY);
        assertThat(decideFetch(inlet)).isFalse();
        advance(SHORT_TIME);
        assertThat(decideFetch(inlet)).isTrue();
        assertThat(inlet.waitingCount()).isZero(); // record 12 is fetched with the others
        fetch(11L, 12L);
        announce(13);
        assertThat(decideFetch(inlet)).isTrue();
        advance(Inlet.FORCED_FETCH_TIME.plus(SHORT_TIME));
        announce(14);
        assertThat(decideFetch(inlet)).isFalse();
    }

    /** An announcement that comes late, but does come, is no reason to fetch. */
    @Test
    void aLateAnnouncementIsNoGap() {
        announce(11);
        advance(Inlet.MAX_REORDER_DELAY);
        announce(10, 13);
        advance(Inlet.MAX_REORDER_DELAY);

        assertThat(decideFetch(inlet)).isFalse();
    }

    @Test
    void fetchingStartsWhenNothingIsAnnounced() {
        announce(10);
        advance(Inlet.MAX_ANNOUNCEMENT_PAUSE);
        assertThat(decideFetch(inlet)).isFalse();
        advance(SHORT_TIME);
        assertThat(decideFetch(inlet)).isTrue();
    }

    @Test
    void recordsWithoutSpaceAreFetchedLater() {
        announce(10);
        hasSpace = false;
        announce(11);
        hasSpace = true;
        assertThat(passedOn).containsExactly(10L);
        assertThat(decideFetch(inlet)).isTrue();
        announce(12);
        assertThat(passedOn).containsExactly(10L);
        fetch(11L);
        assertThat(passedOn).containsExactly(10L, 11L, 12L);
    }

    @Test
    void theNumberOfWaitingRecordsIsLimited() {
        for (var offset = 11L; offset <= 11 + 2L * Inlet.MAX_WAITING; offset++) announce(offset);
        assertThat(inlet.waitingCount()).isEqualTo(Inlet.MAX_WAITING);
        assertThat(decideFetch(inlet)).isTrue();
        inlet.onFetched(10, LongStream.rangeClosed(10, 400).boxed().toList());

        assertThat(passedOn).containsExactlyElementsOf(LongStream.rangeClosed(10, 400).boxed().toList());
        assertThat(inlet.waitingCount()).isZero();
    }

    @Test
    void theBytesOfWaitingRecordsAreLimited() {
        bytes = 400_000;
        announce(11, 12, 13, 14);
        assertThat(inlet.waitingCount()).isEqualTo(3);
        assertThat(decideFetch(inlet)).isTrue();
        announce(10);
        assertThat(passedOn).containsExactly();
        fetch(10L);
        assertThat(passedOn).containsExactly(10L, 11L, 12L, 13L);
        announce(14);
        assertThat(passedOn).endsWith(14L);
    }

    @Test
    void fetchingStopsOnceNoRecordIsMissing() {
        assertThat(decideFetch(inlet)).isTrue();
        announce(11);
        assertThat(decideFetch(inlet)).isTrue();
        fetch(10L);
        assertThat(decideFetch(inlet)).isFalse();
    }

    @Test
    void aFetchThatStartsTooLateIsAnError() {
        assertThatThrownBy(() -> inlet.onFetched(11, List.of(11L))).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("11", "10");
        assertThat(passedOn).isEmpty();
    }

    @Test
    void announcementsShowTheEndOfTheLog() {
        assertThat(inlet.endOffset()).isEqualTo(10);
        hasSpace = false;
        announce(20);
        assertThat(inlet.endOffset()).isEqualTo(21);
        inlet.onFetched(10, List.of(30L));
        assertThat(inlet.endOffset()).isEqualTo(31);
    }

    /** Random announcements, some lost, late or repeated; by seed. */
    @Test
    void recordsAreAlwaysPassedOnInLogOrder() {
        for (var seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            passedOn.clear();
            var one = inlet(0);
            var end = 0L;
            while (end < 500) {
                end++;
                for (var n = random.nextInt(3); n > 0; n--) one.onAnnounced(Math.max(0, end - 1 - random.nextInt(6)));
                hasSpace = random.nextInt(20) > 0;
                advance(Duration.ofMillis(random.nextInt(5)));
                var from = Math.max(0, one.nextOffset() - random.nextInt(4)); // the consumer may be behind
                if (decideFetch(one) && random.nextBoolean())
                    one.onFetched(from,
                            LongStream.range(from, Math.min(end, from + random.nextInt(20))).boxed().toList());
            }
            one.onFetched(one.nextOffset(), LongStream.range(one.nextOffset(), end).boxed().toList());
            assertThat(passedOn).as("seed " + seed)
                    .containsExactlyElementsOf(LongStream.range(0, end).boxed().toList());
        }
    }
}
