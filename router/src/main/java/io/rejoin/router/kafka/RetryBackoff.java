package io.rejoin.router.kafka;

import io.rejoin.router.core.CorruptStateException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The retry backoff of one shard: how often it failed in a row, and when to try it again. Confined to one thread. */
final class RetryBackoff {
    private static final Logger log = LoggerFactory.getLogger(RetryBackoff.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

    private final int partition;
    private final RandomGenerator random;
    private int count;
    private long retryAt = System.nanoTime();
    private @Nullable String reason;

    RetryBackoff(int partition, RandomGenerator random) {
        this.partition = partition;
        this.random = random;
    }

    void add(Exception cause) {
        var ceiling = Math.min(MAX_BACKOFF.toMillis(), FIRST_BACKOFF.toMillis() << Math.min(count, 10));
        var wait = Duration.ofMillis(random.nextLong(ceiling / 2, ceiling + 1));
        count++;
        retryAt = System.nanoTime() + wait.toNanos();
        reason = cause.toString();
        log.atLevel(needsHuman(cause) ? Level.ERROR : Level.WARN).addKeyValue("partition", partition)
                .addKeyValue("again_in_ms", wait.toMillis()).addKeyValue("reason", reason)
                .setCause(cause instanceof PoisonException ? cause : null)
                .log("shard failed: its rooms wait until the router takes it over again from its checkpoint");
    }

    /** Resets the backoff: the shard runs again. */
    void overcome() {
        count = 0;
        reason = null;
    }

    /** Whether the backoff is over. */
    boolean isWaitOver() {
        return System.nanoTime() - retryAt >= 0;
    }

    /** Why the shard failed last; null once it has recovered. */
    @Nullable
    String reason() {
        return reason;
    }

    private static boolean needsHuman(Exception cause) {
        return cause instanceof CorruptStateException || cause instanceof PoisonException
                || cause instanceof RecordTooLargeException; // a topic's max.message.bytes is too low
    }
}
