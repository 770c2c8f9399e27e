package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PagePermitsTest {
    @Test
    void aPermitIsHeldUntilItIsClosed() throws Exception {
        var permits = new PagePermits(2, Duration.ofMillis(1));
        var first = permits.acquire();
        permits.acquire();
        assertThatThrownBy(permits::acquire).isInstanceOf(PagePermits.NoPermitException.class);

        first.close();

        permits.acquire();
    }

    @Test
    void theMemoryLimitsThePermits() {
        assertThat(PagePermits.permitsForMemory(0)).isEqualTo(2);
        assertThat(PagePermits.permitsForMemory(64L << 20)).isEqualTo(8);
        assertThat(PagePermits.permitsForMemory(Long.MAX_VALUE)).isEqualTo(1_024);
    }
}
