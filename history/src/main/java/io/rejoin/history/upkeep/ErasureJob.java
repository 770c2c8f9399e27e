package io.rejoin.history.upkeep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.history.retry.Backoff;
import io.rejoin.history.store.Erasure;
import io.rejoin.history.store.Erasures;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.history.store.StoreException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Erases users. Every instance looks for requests every two seconds, and forgets the users' messages in memory. One
 * instance at a time also erases the messages in the database. After each step, it rests as long as the step took.
 */
public final class ErasureJob implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ErasureJob.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    private final Erasures erasures;
    private final RecentMessages tail;
    private final Counter messages;
    private final RandomGenerator random = new SecureRandom();
    private final Rounds rounds;
    private volatile boolean isOpen;

    // Only the job's thread uses the fields below
    private double lookedAt;
    private int failures;

    /**
     * Creates the job; it does nothing before {@link #start}.
     *
     * @param fatal called with the failure that ended the job, unless {@link #close} ended the job
     */
    public ErasureJob(Erasures erasures, RecentMessages tail, MeterRegistry registry, Consumer<Throwable> fatal) {
        this.erasures = erasures;
        this.tail = tail;
        this.messages = Counter.builder("rejoin.history.erased").baseUnit("messages")
                .description("Messages of erased users that this instance erased").register(registry);
        Gauge.builder("rejoin.history.erasing", () -> isOpen ? 1 : 0)
                .description("1 while any instance is erasing users").register(registry);
        this.rounds = new Rounds("erasure", this::round, fatal);
    }

    public void start() {
        rounds.start();
    }

    /** Does one round. Returns how long to wait until the next round. */
    private Duration round() throws InterruptedException {
        try {
            var latest = erasures.latest(lookedAt);
            lookedAt = latest.at();
            isOpen = latest.isOpen();
            tail.erase(latest.untils());
            erasures.known(latest);
            failures = 0;
            return latest.isOpen() ? step() : BETWEEN_LOOKS;
        } catch (StoreException.Unavailable e) {
            var delay = BACKOFF.delay(failures, random);
            log.atLevel(failures++ == 0 ? Level.WARN : Level.DEBUG).addKeyValue("cause", e)
                    .log("history cannot read which users to erase: PostgreSQL does not answer; history retries");
            return delay;
        }
    }

    private Duration step() {
        var begin = System.nanoTime();
        var step = erasures.step();
        if (step.isEmpty()) return BETWEEN_LOOKS;
        messages.increment(step.get().erased());
        if (step.get().after().isDone()) tell(step.get().after());
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void tell(Erasure erasure) {
        log.atInfo().addKeyValue("user", erasure.user().key()).addKeyValue("until", erasure.until())
                .addKeyValue("messages", erasure.messages()).log("audit: a user is erased");
    }

    /** Ends the job within a bound. Another instance continues where it stopped. */
    @Override
    public void close() {
        rounds.close();
    }
}
