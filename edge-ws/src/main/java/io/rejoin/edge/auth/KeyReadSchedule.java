package io.rejoin.edge.auth;

import io.rejoin.resilience.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When keys are read. The schedule is the same for every reason to read, so no token makes an edge ask more often.
 *
 * @param refresh      the age at which the keys are read again
 * @param keep         how long the keys stay in use while they cannot be read again
 * @param minInterval  the minimum time between the starts of two reads
 * @param retry        waits after failed reads, added to {@code minInterval}
 * @param tokenTimeout how long a token with an unknown key may wait for the next read
 */
record KeyReadSchedule(Duration refresh, Duration keep, Duration minInterval, Backoff retry, Duration tokenTimeout) {
    static KeyReadSchedule of(Duration refresh, Duration keep) {
        return new KeyReadSchedule(refresh, keep, Duration.ofSeconds(2),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8)), Duration.ofSeconds(5));
    }

    /**
     * The time from the start of one read to the start of the next, unless a token waits for keys. Random, so that
     * edges that started together do not keep reading at the same time.
     */
    Duration untilNext(int failures, RandomGenerator random) {
        var wait = failures == 0
                ? refresh.minusMillis(random.nextLong(refresh.toMillis() / 10 + 1))
                : minInterval.plus(retry.delay(failures - 1, random));
        return wait.compareTo(minInterval) < 0 ? minInterval : wait;
    }
}
