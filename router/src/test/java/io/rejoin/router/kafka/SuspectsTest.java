package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SuspectsTest {
    private final Suspects suspects = new Suspects();

    @Test
    void aRecordIsProvenByThreeFailuresOfItsOwn() {
        suspects.add(failure(10, 20));
        assertThat(suspects.mayFollow(20)).isTrue();
        assertThat(suspects.mayFollow(21)).isFalse();
        suspects.add(failure(15, 15));
        suspects.add(failure(15, 15));
        assertThat(suspects.isProven(15)).isFalse();
        suspects.add(failure(15, 15));
        assertThat(suspects.isProven(15)).isTrue();
        assertThat(suspects.isProven(16)).isFalse();
    }

    @Test
    void anotherRecordBeginsAnew() {
        for (var i = 1; i < Suspects.STRIKES; i++) suspects.add(failure(15, 15));
        suspects.add(failure(16, 16));
        suspects.add(failure(15, 15));
        assertThat(suspects.isProven(15)).isFalse();
    }

    private static PoisonException failure(long first, long last) {
        return new PoisonException(first, last, new IllegalStateException("a bug"));
    }
}
