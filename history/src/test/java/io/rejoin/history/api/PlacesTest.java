package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PlacesTest {
    @Test
    void aPlaceIsHeldUntilItIsClosed() throws Exception {
        var places = new Places(2, Duration.ofMillis(1));
        var first = places.take();
        places.take();
        assertThatThrownBy(places::take).isInstanceOf(Places.NoPlaceException.class);

        first.close();

        places.take();
    }

    @Test
    void thereAreAsManyAsTheMemoryIsFor() {
        assertThat(Places.within(0)).isEqualTo(2);
        assertThat(Places.within(64L << 20)).isEqualTo(8);
        assertThat(Places.within(Long.MAX_VALUE)).isEqualTo(1_024);
    }
}
