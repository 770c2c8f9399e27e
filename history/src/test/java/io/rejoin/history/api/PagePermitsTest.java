package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PagePermitsTest {
    @Test
    void aPlaceIsHeldUntilItIsClosed() throws Exception {
        var places = new PagePermits(2, Duration.ofMillis(1));
        var first = places.take();
        places.take();
        assertThatThrownBy(places::take).isInstanceOf(PagePermits.NoPlaceException.class);

        first.close();

        places.take();
    }

    @Test
    void thereAreAsManyAsTheMemoryIsFor() {
        assertThat(PagePermits.within(0)).isEqualTo(2);
        assertThat(PagePermits.within(64L << 20)).isEqualTo(8);
        assertThat(PagePermits.within(Long.MAX_VALUE)).isEqualTo(1_024);
    }
}
