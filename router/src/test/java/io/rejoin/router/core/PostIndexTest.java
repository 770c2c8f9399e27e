package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PostIndexTest {
    private final PostIndex index = new PostIndex();

    @Test
    void placesOfOneHashAreToldApart() {
        for (var place = 0; place < 100; place++) index.add(7, place);

        for (var place = 0L; place < 100; place++) assertThat(find(7, place)).isEqualTo(place);
        assertThat(find(7, 100)).isNegative();
        assertThat(find(8, 1)).isNegative();
    }

    @Test
    void whatWasNeverAddedCannotBeRemoved() {
        index.add(7, 1);

        assertThatThrownBy(() -> index.remove(7, 2)).isInstanceOf(IllegalStateException.class);
    }

    /** Compares with a map. A few hashes at both ends of the table make probe sequences long and wrap them around. */
    @Test
    void itFindsWhatWasAddedAndNotRemovedWhateverTheOrder() {
        var random = new Random(11);
        var hashes = new HashMap<Long, Integer>();
        for (var step = 0; step < 60_000; step++) {
            var isShrinking = step >= 30_000;
            var place = (long) random.nextInt(600);
            var hash = hashes.get(place);
            if (hash == null && random.nextInt(20) < (isShrinking ? 1 : 20)) {
                hash = random.nextInt(-8, 8);
                hashes.put(place, hash);
                index.add(hash, place);
            } else if (hash != null) {
                hashes.remove(place);
                index.remove(hash, place);
            }
            if (step == 30_000) assertThat(index.slots()).isGreaterThan(256);
            if (step % 1_000 == 0) assertSame(hashes);
        }
        assertSame(hashes);
        assertThat(index.slots()).isLessThan(512);
    }

    private void assertSame(Map<Long, Integer> hashes) {
        assertThat(index.size()).isEqualTo(hashes.size());
        for (var place = 0L; place < 600; place++) {
            var hash = hashes.get(place);
            for (var other = -8; other < 8; other++)
                assertThat(find(other, place)).isEqualTo(hash != null && hash == other ? place : -1);
        }
    }

    private long find(int hash, long place) {
        return index.find(hash, found -> found == place);
    }
}
