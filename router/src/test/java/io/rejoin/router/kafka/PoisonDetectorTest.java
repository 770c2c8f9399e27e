package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoisonDetectorTest {
    private final PoisonDetector poisonDetector = new PoisonDetector();

    @Test
    void aRecordIsProvenByThreeFailuresOfItsOwn() {
        poisonDetector.add(failure(10, 20));
        assertThat(poisonDetector.mayFollow(20)).isTrue();
        assertThat(poisonDetector.mayFollow(21)).isFalse();
        poisonDetector.add(failure(15, 15));
        poisonDetector.add(failure(15, 15));
        assertThat(poisonDetector.proven(15)).isEmpty();
        poisonDetector.add(failure(15, 15));
        assertThat(poisonDetector.proven(15)).containsExactly(PoisonException.UNKNOWN);
        assertThat(poisonDetector.proven(16)).isEmpty();
    }

    @Test
    void anotherRecordBeginsAnew() {
        for (var i = 1; i < PoisonDetector.STRIKES; i++) poisonDetector.add(failure(15, 15));
        poisonDetector.add(failure(16, 16));
        poisonDetector.add(failure(15, 15));
        assertThat(poisonDetector.proven(15)).isEmpty();
    }

    @Test
    void ofOneRecordSeveralCommandsAreProvenOneAfterTheOther() {
        strike(15, 3);
        assertThat(poisonDetector.proven(15)).containsExactly(3);
        strike(15, 7);
        assertThat(poisonDetector.proven(15)).containsExactlyInAnyOrder(3, 7);
        strike(16, 0);
        assertThat(poisonDetector.proven(16)).containsExactly(0);
        assertThat(poisonDetector.proven(15)).isEmpty();
    }

    @Test
    void twoCommandsThatFailInTurnsAreNotProvenTooEarly() {
        for (var i = 0; i < 5; i++)
            poisonDetector.add(new PoisonException(15, i % 2, new IllegalStateException("a bug")));
        assertThat(poisonDetector.proven(15)).isEmpty();
    }

    private void strike(long offset, int index) {
        for (var i = 0; i < PoisonDetector.STRIKES; i++)
            poisonDetector.add(new PoisonException(offset, index, new IllegalStateException("a bug")));
    }

    private static PoisonException failure(long first, long last) {
        return new PoisonException(first, last, new IllegalStateException("a bug"));
    }
}
