package io.rejoin.edge.auth;

import io.rejoin.edge.fanout.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often keys are read. The pace is the same for every reason to read, so no token makes an edge ask more often.
 *
 * @param refresh the age at which the keys are read again
 * @param keep    how long the keys stay in use while they cannot be read again
 * @param apart   the minimum time between the starts of two reads
 * @param retry   waits after failed reads, added to {@code apart}
 * @param patience how long a token with an unknown key may wait for the next read
 */
record KeyPace(Duration refresh, Duration keep, Duration apart, Backoff retry, Duration patience) {
    static KeyPace of(Duration refresh, Duration keep) {
        return new KeyPace(refresh, keep, Duration.ofSeconds(2),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8)), Duration.ofSeconds(5));
    }

    /**
     * The time from the start of one read to the start of the next, unless a token waits for keys. Random, so that
     * edges that started together do not keep reading at the same time.
     */
    Duration untilNext(int failures, RandomGenerator random) {
        var wait = failures == 0
                ? refresh.minusMillis(random.nextLong(refresh.toMillis() / 10 + 1))
                : apart.plus(retry.delay(failures - 1, random));
        return wait.compareTo(apart) < 0 ? apart : wait;
    }
}
