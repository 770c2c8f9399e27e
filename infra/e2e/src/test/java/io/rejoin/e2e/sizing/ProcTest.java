package io.rejoin.e2e.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcTest {
    @Test
    void cpuTimeIsThatOfUserAndSystemTogetherWithThatOfChildrenThatHaveEnded() {
        assertThat(Proc.cpu("4711 (a (strange) name) S 1 4711 4711 0 -1 4194560 8267 90702 2 4 250 50 60 40 20 0 1 0"))
                .isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void whoHasEndedUsesNothing() {
        assertThat(Proc.cpu(List.of(Long.MAX_VALUE))).isZero();
        assertThat(Proc.rss(Long.MAX_VALUE)).isZero();
        assertThat(Proc.kib(List.of("Name:\tredis-server", "State:\tZ (zombie)"), "VmRSS:")).isEmpty();
    }

    @Test
    void aProcessorIsBusyUnlessItIsIdleOrWaitsForADisk() {
        assertThat(Proc.busy("cpu  10 20 30 4000 5000 60 70 10 7 7")).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void memoryIsToldInKibibytes() {
        assertThat(Proc.kib(List.of("VmPeak:\t  900 kB", "VmRSS:\t  512 kB"), "VmRSS:")).hasValue(512);
    }
}
