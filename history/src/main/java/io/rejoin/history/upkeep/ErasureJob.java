package io.rejoin.history.upkeep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.history.store.Erasure;
import io.rejoin.history.store.ErasureStore;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.history.store.StoreException;
import io.rejoin.resilience.Backoff;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Erases users. Every instance reads the requests every two seconds, and evicts the users' messages from memory. One
 * instance at a time also erases the messages in the database. After each batch, it pauses as long as the batch took.
 */
public final class ErasureJob implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ErasureJob.class);
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    private final ErasureStore erasureStore;
    private final RecentMessages recentMessages;
    private final Counter erasedMessages;
    private final RandomGenerator random = new SecureRandom();
    private final PeriodicTask periodicTask;
    private volatile boolean hasOpenRequests;

    // Only the job's thread uses the fields below
    private double readAtSeconds;
    private int failures;

    /**
     * Creates the job; it does nothing before {@link #start}.
     *
     * @param fatal called with the failure that ended the job, unless {@link #close} ended the job
     */
    public ErasureJob(ErasureStore erasureStore, RecentMessages recentMessages, MeterRegistry registry,
            Consumer<Throwable> fatal) {
        this.erasureStore = erasureStore;
        this.recentMessages = recentMessages;
        this.erasedMessages = Counter.builder("rejoin.history.erased").baseUnit("messages")
                .description("Messages of erased users that this instance erased").register(registry);
        Gauge.builder("rejoin.history.erasing", () -> hasOpenRequests ? 1 : 0)
                .description("1 while any instance is erasing users").register(registry);
        this.periodicTask = new PeriodicTask("erasure", this::runRound, fatal);
    }

    public void start() {
        periodicTask.start();
    }

    /** Does one round. Returns how long to wait until the next round. */
    private Duration runRound() throws InterruptedException {
        try {
            var requests = erasureStore.recentRequests(readAtSeconds);
            readAtSeconds = requests.readAtSeconds();
            hasOpenRequests = requests.hasOpen();
            recentMessages.evictErased(requests.untilByUser());
            erasureStore.markApplied(requests);
            failures = 0;
            return requests.hasOpen() ? eraseNextBatch() : POLL_INTERVAL;
        } catch (StoreException.Unavailable e) {
            var delay = BACKOFF.delay(failures, random);
            log.atLevel(failures++ == 0 ? Level.WARN : Level.DEBUG).addKeyValue("cause", e)
                    .log("history cannot read which users to erase: PostgreSQL does not answer; history retries");
            return delay;
        }
    }

    private Duration eraseNextBatch() {
        var begin = System.nanoTime();
        var result = erasureStore.eraseNextBatch();
        if (result.isEmpty()) return POLL_INTERVAL;
        erasedMessages.increment(result.get().erased());
        if (result.get().progress().isDone()) logErased(result.get().progress());
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void logErased(Erasure erasure) {
        log.atInfo().addKeyValue("user", erasure.user().key()).addKeyValue("until", erasure.until())
                .addKeyValue("messages", erasure.messages()).log("audit: a user is erased");
    }

    /** Ends the job within a bound. Another instance continues where it stopped. */
    @Override
    public void close() {
        periodicTask.close();
    }
}
