package io.rejoin.router.partition;

import io.rejoin.resilience.Backoff;
import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.shard.PoisonException;
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
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

    private final int partition;
    private final RandomGenerator random;
    private int failureCount;
    private long retryAt = System.nanoTime();
    private @Nullable String reason;

    RetryBackoff(int partition, RandomGenerator random) {
        this.partition = partition;
        this.random = random;
    }

    void onFailure(Exception cause) {
        var delay = BACKOFF.delay(failureCount++, random);
        retryAt = System.nanoTime() + delay.toNanos();
        reason = cause.toString();
        log.atLevel(needsOperator(cause) ? Level.ERROR : Level.WARN).addKeyValue("partition", partition)
                .addKeyValue("again_in_ms", delay.toMillis()).addKeyValue("reason", reason)
                .setCause(cause instanceof PoisonException ? cause : null)
                .log("shard failed: its rooms wait until the router takes it over again from its checkpoint");
    }

    /** Resets the backoff: the shard runs again. */
    void reset() {
        failureCount = 0;
        reason = null;
    }

    /** Whether the backoff is over. */
    boolean isRetryDue() {
        return System.nanoTime() - retryAt >= 0;
    }

    /** Why the shard failed last; null once it has recovered. */
    @Nullable
    String reason() {
        return reason;
    }

    private static boolean needsOperator(Exception cause) {
        return cause instanceof CorruptStateException || cause instanceof PoisonException
                || cause instanceof RecordTooLargeException; // a topic's max.message.bytes is too low
    }
}
