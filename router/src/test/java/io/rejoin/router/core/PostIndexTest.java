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
    void positionsWithTheSameHashAreDistinct() {
        for (var position = 0; position < 100; position++) index.add(7, position);

        for (var position = 0L; position < 100; position++) assertThat(find(7, position)).isEqualTo(position);
        assertThat(find(7, 100)).isNegative();
        assertThat(find(8, 1)).isNegative();
    }

    @Test
    void anUnknownPositionCannotBeRemoved() {
        index.add(7, 1);

        assertThatThrownBy(() -> index.remove(7, 2)).isInstanceOf(IllegalStateException.class);
    }

    /** Compares with a map. A few hashes at both ends of the table make probe sequences long and wrap them around. */
    @Test
    void itFindsExactlyThePositionsThatWereAdded() {
        var random = new Random(11);
        var hashes = new HashMap<Long, Integer>();
        for (var step = 0; step < 60_000; step++) {
            var isShrinking = step >= 30_000;
            var position = (long) random.nextInt(600);
            var hash = hashes.get(position);
            if (hash == null && random.nextInt(20) < (isShrinking ? 1 : 20)) {
                hash = random.nextInt(-8, 8);
                hashes.put(position, hash);
                index.add(hash, position);
            } else if (hash != null) {
                hashes.remove(position);
                index.remove(hash, position);
            }
            if (step == 30_000) assertThat(index.slots()).isGreaterThan(256);
            if (step % 1_000 == 0) assertSamePositions(hashes);
        }
        assertSamePositions(hashes);
        assertThat(index.slots()).isLessThan(512);
    }

    private void assertSamePositions(Map<Long, Integer> hashes) {
        assertThat(index.size()).isEqualTo(hashes.size());
        for (var position = 0L; position < 600; position++) {
            var hash = hashes.get(position);
            for (var other = -8; other < 8; other++)
                assertThat(find(other, position)).isEqualTo(hash != null && hash == other ? position : -1);
        }
    }

    private long find(int hash, long position) {
        return index.find(hash, found -> found == position);
    }
}
