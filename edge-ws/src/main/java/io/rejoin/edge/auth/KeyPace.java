package io.rejoin.edge.auth;

import io.rejoin.edge.fanout.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often keys are read: the same for every reason to read them, so that no token makes an edge ask more often.
 *
 * @param refresh how old keys may become before they are read again
 * @param keep    how long they are used while they cannot be read again
 * @param apart   least time between the beginnings of two reads
 * @param retry   waits after reads that failed, on top of that
 * @param patience how long a token with an unknown key may wait for the next read
 */
record KeyPace(Duration refresh, Duration keep, Duration apart, Backoff retry, Duration patience) {
    static KeyPace of(Duration refresh, Duration keep) {
        return new KeyPace(refresh, keep, Duration.ofSeconds(2),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8)), Duration.ofSeconds(5));
    }

    /**
     * The least time from the beginning of a read to that of the next, unless somebody waits for it. Drawn, so that edges which
     * began together do not go on together.
     */
    Duration untilNext(int failures, RandomGenerator random) {
        var wait = failures == 0
                ? refresh.minusMillis(random.nextLong(refresh.toMillis() / 10 + 1))
                : apart.plus(retry.delay(failures - 1, random));
        return wait.compareTo(apart) < 0 ? apart : wait;
    }
}
