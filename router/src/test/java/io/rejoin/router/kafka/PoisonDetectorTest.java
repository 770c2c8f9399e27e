package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoisonDetectorTest {
    private final PoisonDetector suspects = new PoisonDetector();

    @Test
    void aRecordIsProvenByThreeFailuresOfItsOwn() {
        suspects.add(failure(10, 20));
        assertThat(suspects.mayFollow(20)).isTrue();
        assertThat(suspects.mayFollow(21)).isFalse();
        suspects.add(failure(15, 15));
        suspects.add(failure(15, 15));
        assertThat(suspects.proven(15)).isEmpty();
        suspects.add(failure(15, 15));
        assertThat(suspects.proven(15)).containsExactly(PoisonException.UNKNOWN);
        assertThat(suspects.proven(16)).isEmpty();
    }

    @Test
    void anotherRecordBeginsAnew() {
        for (var i = 1; i < PoisonDetector.STRIKES; i++) suspects.add(failure(15, 15));
        suspects.add(failure(16, 16));
        suspects.add(failure(15, 15));
        assertThat(suspects.proven(15)).isEmpty();
    }

    @Test
    void ofOneRecordSeveralCommandsAreProvenOneAfterTheOther() {
        strike(15, 3);
        assertThat(suspects.proven(15)).containsExactly(3);
        strike(15, 7);
        assertThat(suspects.proven(15)).containsExactlyInAnyOrder(3, 7);
        strike(16, 0);
        assertThat(suspects.proven(16)).containsExactly(0);
        assertThat(suspects.proven(15)).isEmpty();
    }

    @Test
    void twoCommandsThatFailInTurnsAreNotProvenTooEarly() {
        for (var i = 0; i < 5; i++) suspects.add(new PoisonException(15, i % 2, new IllegalStateException("a bug")));
        assertThat(suspects.proven(15)).isEmpty();
    }

    private void strike(long offset, int index) {
        for (var i = 0; i < PoisonDetector.STRIKES; i++)
            suspects.add(new PoisonException(offset, index, new IllegalStateException("a bug")));
    }

    private static PoisonException failure(long first, long last) {
        return new PoisonException(first, last, new IllegalStateException("a bug"));
    }
}
