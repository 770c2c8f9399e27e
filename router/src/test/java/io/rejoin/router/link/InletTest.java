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
    private static final Duration BRIEF = Duration.ofMillis(1);

    private final List<Long> taken = new ArrayList<>();
    private boolean hasRoom = true;
    private int bytes = 1;
    private boolean isFetching;
    private long now = -5; // nanoTime may be anything
    private final Inlet<Long> inlet = inlet(10);

    private Inlet<Long> inlet(long next) {
        return new Inlet<>(next, Long::longValue, _ -> bytes, new Inlet.Outlet<>() {
            @Override
            public boolean hasRoom() {
                return hasRoom;
            }

            @Override
            public void put(List<Long> records) {
                assertThat(records).isNotEmpty();
                taken.addAll(records);
            }
        }, () -> now);
    }

    private void tell(long... offsets) {
        for (var offset : offsets) inlet.announced(offset);
    }

    /** Asks as the caller does: fetching goes on until it is not needed. */
    private boolean hasToFetch(Inlet<Long> of) {
        isFetching = of.hasToFetch(isFetching);
        return isFetching;
    }

    private void fetch(Long... records) {
        inlet.fetched(Math.min(inlet.next(), records[0]), List.of(records));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void whatIsToldInOrderGoesOnAtOnceAndNeedNotBeFetched() {
        assertThat(hasToFetch(inlet)).isTrue();
        tell(10, 11);

        assertThat(taken).containsExactly(10L, 11L);
        assertThat(hasToFetch(inlet)).isFalse();
        assertThat(inlet.next()).isEqualTo(12);
    }

    @Test
    void whatIsToldTooEarlyWaitsForWhatIsBeforeIt() {
        tell(12, 11, 14);
        assertThat(taken).isEmpty();
        assertThat(inlet.ahead()).isEqualTo(3);
        tell(10);
        assertThat(taken).containsExactly(10L, 11L, 12L);
        tell(13);
        assertThat(taken).containsExactly(10L, 11L, 12L, 13L, 14L);
        assertThat(inlet.ahead()).isZero();
    }

    @Test
    void nothingIsTakenTwice() {
        fetch(10L, 11L);
        tell(9, 10, 11, 12, 12);
        fetch(11L, 12L, 13L);
        tell(13);

        assertThat(taken).containsExactly(10L, 11L, 12L, 13L);
    }

    @Test
    void whatWasFetchedEndsAHole() {
        tell(12, 13);
        fetch(10L, 11L);

        assertThat(taken).containsExactly(10L, 11L, 12L, 13L);
    }

    /** A transaction marker takes an offset but is no record. */
    @Test
    void theLogDecidesWhereNothingIs() {
        tell(11, 14);
        fetch(12L);
        assertThat(taken).containsExactly(12L);
        tell(13);

        assertThat(taken).containsExactly(12L, 13L, 14L);
    }

    @Test
    void aHoleIsFetchedAndAllAfterItForAWhile() {
        tell(10, 12);
        pass(Inlet.LATE);
        assertThat(hasToFetch(inlet)).isFalse();
        pass(BRIEF);
        assertThat(hasToFetch(inlet)).isTrue();
        assertThat(inlet.ahead()).isZero(); // record 12 is fetched with the others
        fetch(11L, 12L);
        tell(13);
        assertThat(hasToFetch(inlet)).isTrue();
        pass(Inlet.DISTRUST.plus(BRIEF));
        tell(14);
        assertThat(hasToFetch(inlet)).isFalse();
    }

    /** An announcement that comes late, but does come, is no reason to fetch. */
    @Test
    void aHoleThatEndsBeginsNoSooner() {
        tell(11);
        pass(Inlet.LATE);
        tell(10, 13);
        pass(Inlet.LATE);

        assertThat(hasToFetch(inlet)).isFalse();
    }

    @Test
    void silenceIsFetched() {
        tell(10);
        pass(Inlet.MAX_SILENCE);
        assertThat(hasToFetch(inlet)).isFalse();
        pass(BRIEF);
        assertThat(hasToFetch(inlet)).isTrue();
    }

    @Test
    void whatFindsNoRoomIsFetchedLater() {
        tell(10);
        hasRoom = false;
        tell(11);
        hasRoom = true;
        assertThat(taken).containsExactly(10L);
        assertThat(hasToFetch(inlet)).isTrue();
        tell(12);
        assertThat(taken).containsExactly(10L);
        fetch(11L);
        assertThat(taken).containsExactly(10L, 11L, 12L);
    }

    @Test
    void notMoreThanSomeWait() {
        for (var offset = 11L; offset <= 11 + 2L * Inlet.MAX_AHEAD; offset++) tell(offset);
        assertThat(inlet.ahead()).isEqualTo(Inlet.MAX_AHEAD);
        assertThat(hasToFetch(inlet)).isTrue();
        inlet.fetched(10, LongStream.rangeClosed(10, 400).boxed().toList());

        assertThat(taken).containsExactlyElementsOf(LongStream.rangeClosed(10, 400).boxed().toList());
        assertThat(inlet.ahead()).isZero();
    }

    @Test
    void notMoreBytesThanSomeWait() {
        bytes = 400_000;
        tell(11, 12, 13, 14);
        assertThat(inlet.ahead()).isEqualTo(3);
        assertThat(hasToFetch(inlet)).isTrue();
        tell(10);
        assertThat(taken).containsExactly();
        fetch(10L);
        assertThat(taken).containsExactly(10L, 11L, 12L, 13L);
        tell(14);
        assertThat(taken).endsWith(14L);
    }

    @Test
    void fetchingEndsOnlyWhereNothingIsMissing() {
        assertThat(hasToFetch(inlet)).isTrue();
        tell(11);
        assertThat(hasToFetch(inlet)).isTrue();
        fetch(10L);
        assertThat(hasToFetch(inlet)).isFalse();
    }

    @Test
    void whatIsLeftOutIsNoticed() {
        assertThatThrownBy(() -> inlet.fetched(11, List.of(11L))).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("11", "10");
        assertThat(taken).isEmpty();
    }

    @Test
    void howFarTheLogGoesIsKnownByWhatIsTold() {
        assertThat(inlet.end()).isEqualTo(10);
        hasRoom = false;
        tell(20);
        assertThat(inlet.end()).isEqualTo(21);
        inlet.fetched(10, List.of(30L));
        assertThat(inlet.end()).isEqualTo(31);
    }

    /** Random announcements, some lost, late or repeated; by seed. */
    @Test
    void theOrderIsAlwaysThatOfTheLog() {
        for (var seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            taken.clear();
            var one = inlet(0);
            var end = 0L;
            while (end < 500) {
                end++;
                for (var n = random.nextInt(3); n > 0; n--) one.announced(Math.max(0, end - 1 - random.nextInt(6)));
                hasRoom = random.nextInt(20) > 0;
                pass(Duration.ofMillis(random.nextInt(5)));
                var from = Math.max(0, one.next() - random.nextInt(4)); // the consumer may be behind
                if (hasToFetch(one) && random.nextBoolean())
                    one.fetched(from,
                            LongStream.range(from, Math.min(end, from + random.nextInt(20))).boxed().toList());
            }
            one.fetched(one.next(), LongStream.range(one.next(), end).boxed().toList());
            assertThat(taken).as("seed " + seed).containsExactlyElementsOf(LongStream.range(0, end).boxed().toList());
        }
    }
}
