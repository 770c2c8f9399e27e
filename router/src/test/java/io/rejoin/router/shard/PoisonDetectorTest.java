package io.rejoin.router.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoisonDetectorTest {
    private final PoisonDetector poisonDetector = new PoisonDetector();

    @Test
    void aRecordIsProvenByThreeFailuresOfItsOwn() {
        poisonDetector.add(failure(10, 20));
        assertThat(poisonDetector.isSuspect(20)).isTrue();
        assertThat(poisonDetector.isSuspect(21)).isFalse();
        poisonDetector.add(failure(15, 15));
        poisonDetector.add(failure(15, 15));
        assertThat(poisonDetector.provenIndexes(15)).isEmpty();
        poisonDetector.add(failure(15, 15));
        assertThat(poisonDetector.provenIndexes(15)).containsExactly(PoisonException.UNKNOWN_INDEX);
        assertThat(poisonDetector.provenIndexes(16)).isEmpty();
    }

    @Test
    void aFailureOfAnotherRecordRestartsTheCount() {
        for (var i = 1; i < PoisonDetector.MAX_FAILURES; i++) poisonDetector.add(failure(15, 15));
        poisonDetector.add(failure(16, 16));
        poisonDetector.add(failure(15, 15));
        assertThat(poisonDetector.provenIndexes(15)).isEmpty();
    }

    @Test
    void severalCommandsOfOneRecordAreProvenOneAfterTheOther() {
        failRepeatedly(15, 3);
        assertThat(poisonDetector.provenIndexes(15)).containsExactly(3);
        failRepeatedly(15, 7);
        assertThat(poisonDetector.provenIndexes(15)).containsExactlyInAnyOrder(3, 7);
        failRepeatedly(16, 0);
        assertThat(poisonDetector.provenIndexes(16)).containsExactly(0);
        assertThat(poisonDetector.provenIndexes(15)).isEmpty();
    }

    @Test
    void twoCommandsThatFailInTurnsAreNotProven() {
        for (var i = 0; i < 5; i++)
            poisonDetector.add(new PoisonException(15, i % 2, new IllegalStateException("a bug")));
        assertThat(poisonDetector.provenIndexes(15)).isEmpty();
    }

    private void failRepeatedly(long offset, int index) {
        for (var i = 0; i < PoisonDetector.MAX_FAILURES; i++)
            poisonDetector.add(new PoisonException(offset, index, new IllegalStateException("a bug")));
    }

    private static PoisonException failure(long first, long last) {
        return new PoisonException(first, last, new IllegalStateException("a bug"));
    }
}
