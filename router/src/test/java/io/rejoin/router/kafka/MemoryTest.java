package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final Duration SOON = Memory.PATIENCE.plusSeconds(1);

    private double share;
    private long concurrent;
    private long full;
    private long now;
    private final Memory memory = new Memory(() -> new Memory.Reading(share, concurrent, full));

    @Test
    void withEnoughItTakesWhatFallsToIt() {
        share = 0.84;
        assertThat(look(3, Duration.ofHours(1))).isFalse();
        assertThat(memory.limit()).isEqualTo(SheddingAssignor.NONE);
        assertThat(memory.problem()).isNull();
    }

    @Test
    void aPeakIsNoShortage() {
        for (var n = 0; n < 20; n++) {
            share = n % 2 == 0 ? 0.9 : 0.8;
            assertThat(look(3, Duration.ofSeconds(4))).isFalse();
        }
    }

    @Test
    void whatIsTooMuchIsGivenUpOneByOneAndOnlyWhenItIsKnownWhatThatBrought() {
        beShort();
        assertThat(look(5, SOON)).isTrue();
        assertThat(memory.limit()).isEqualTo(4);
        assertThat(memory.problem()).contains("90%", "5 shards", "-Xmx");
        concurrent += 100; // collections before or just at the time that the shard leaves are no evidence
        assertThat(look(5, SOON)).isFalse();
        assertThat(look(4, Memory.SHOWN)).as("no collection since").isFalse();
        concurrent++;
        assertThat(look(4, Memory.SHOWN)).as("that one may have begun before").isFalse();
        concurrent++;
        assertThat(look(4, SOON)).isTrue();
        assertThat(memory.limit()).isEqualTo(3);
        share = 0.8;
        assertThat(look(3, Duration.ofHours(9))).isFalse();
        assertThat(memory.limit()).as("neither short nor plenty").isEqualTo(3);
    }

    @Test
    void manyCollectionsInAShortTimeTellLittle() {
        beShort();
        assertThat(look(5, SOON)).isTrue();
        for (var n = 0; n < 5; n++) {
            concurrent += 10;
            assertThat(look(4, Memory.SHOWN.dividedBy(6))).isFalse();
        }
        assertThat(look(4, Memory.SHOWN)).isTrue();
    }

    @Test
    void fullCollectionsTellAtOnce() {
        beShort();
        assertThat(look(5, SOON)).isTrue();
        full += 100;
        assertThat(look(4, SOON)).as("the shard was just leaving").isFalse();
        full++;
        assertThat(look(4, SOON)).isFalse();
        full++;
        assertThat(look(4, SOON)).isTrue();
    }

    @Test
    void theProblemEndsWithTheShortage() {
        beShort();
        assertThat(look(5, SOON)).isTrue();
        assertThat(memory.problem()).isNotNull();
        share = 0.8;
        assertThat(look(4, SOON)).isFalse();
        assertThat(memory.problem()).isNull();
        assertThat(memory.limit()).isEqualTo(4);
    }

    @Test
    void whenNobodyTakesThemItAsksOnceAndSaysWhatToDo() {
        beShort();
        assertThat(look(5, SOON)).isTrue();
        for (var n = 0; n < 100; n++) {
            concurrent++;
            assertThat(look(5, SOON)).isFalse();
        }
        assertThat(memory.limit()).isEqualTo(4);
        assertThat(memory.problem()).contains("no other router has room", "add routers");
    }

    @Test
    void itTakesShardsAgainAfterLongCalmAndLaterEachTime() {
        beShort();
        assertThat(look(5, SOON)).isTrue();
        share = 0.5;
        assertThat(look(4, Memory.CALM.minusSeconds(1))).isFalse();
        assertThat(look(4, Duration.ofSeconds(2))).isTrue();
        assertThat(memory.limit()).isEqualTo(SheddingAssignor.NONE);
        assertThat(memory.problem()).isNull();
        concurrent += 5;
        share = 0.9;
        assertThat(look(5, Duration.ZERO)).isFalse();
        assertThat(look(5, SOON)).isTrue();
        share = 0.5;
        assertThat(look(4, Memory.CALM.plusMinutes(1))).isFalse();
        assertThat(look(4, Memory.CALM)).isTrue();
    }

    @Test
    void thisProcessHasAReading() {
        assertThat(new Memory().look(1, 0)).isFalse();
    }

    private void beShort() {
        share = 0.9;
        concurrent++;
        assertThat(look(5, Duration.ZERO)).isFalse();
    }

    /** Looks at once, and again after this time. */
    private boolean look(int shards, Duration later) {
        if (memory.look(shards, now)) return true;
        now += later.toNanos();
        return memory.look(shards, now);
    }
}
