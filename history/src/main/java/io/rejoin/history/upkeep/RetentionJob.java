package io.rejoin.history.upkeep;

import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.history.store.Expiry;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.history.store.RetentionRules;
import io.rejoin.history.store.StoreException;
import io.rejoin.resilience.Backoff;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes expired messages in rounds. A round is a series of batches until nothing is due or its time is over. After
 * each batch the job pauses as long as the batch took: so the database has at least half of its time for other work.
 * All instances run the job; the first one to take the lock deletes the batch.
 */
public final class RetentionJob implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RetentionJob.class);
    private static final Duration MAX_INTERVAL = Duration.ofSeconds(10);
    private static final Duration MIN_INTERVAL = Duration.ofMillis(100);
    private static final Duration MAX_ROUND_TIME = Duration.ofMinutes(1);
    private static final Duration MIN_PAUSE = Duration.ofMillis(5);
    /** Interval of the scan for rooms without a row in {@code room_age}; the first scan is at the start. */
    private static final Duration SCAN_INTERVAL = Duration.ofDays(1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    private final RetentionRules rules;
    private final Expiry expiry;
    private final RecentMessages recentMessages;
    private final RetentionMeters meters;
    private final RandomGenerator random = new SecureRandom();
    private final Duration interval;
    private final PeriodicTask periodicTask;

    // Only the job's thread uses the fields below
    private @Nullable String lastScannedRoom = "";
    private long scannedAt;
    private long updatedAt;
    private int failures;
    private boolean hasWarnedReplaced;

    /**
     * Creates the job; it does nothing before {@link #start}, and nothing at all if all messages are kept forever.
     *
     * @param fatal called with the failure that ended the job, unless {@link #close} ended the job
     */
    public RetentionJob(RetentionRules rules, Expiry expiry, RecentMessages recentMessages, MeterRegistry registry,
            Consumer<Throwable> fatal) {
        this.rules = rules;
        this.expiry = expiry;
        this.recentMessages = recentMessages;
        this.meters = new RetentionMeters(registry);
        this.interval = interval(rules.retention().shortestRetentionTime());
        this.periodicTask = new PeriodicTask("retention", this::runRound, fatal);
    }

    private static Duration interval(Duration shortestRetentionTime) {
        var tenth = shortestRetentionTime.dividedBy(10);
        if (tenth.compareTo(MAX_INTERVAL) > 0) return MAX_INTERVAL;
        return tenth.compareTo(MIN_INTERVAL) < 0 ? MIN_INTERVAL : tenth;
    }

    /** Starts the job, unless all messages are kept forever. */
    public void start() {
        if (!rules.retention().isForever()) periodicTask.start();
    }

    /** Does one round. Returns how long to wait until the next round. */
    private Duration runRound() throws InterruptedException {
        try {
            addMissingRooms();
            deleteExpired();
            updateMetricsAndMemory();
            failures = 0;
            return interval;
        } catch (StoreException.Unavailable e) {
            var delay = BACKOFF.delay(failures, random);
            log.atWarn().addKeyValue("failures", ++failures).addKeyValue("retry_in", delay).addKeyValue("cause", e)
                    .log("history cannot delete old messages: PostgreSQL does not answer; history retries");
            return delay;
        }
    }

    /** Updates the metrics and evicts expired messages from memory, even while the database has much left to delete. */
    private void updateMetricsAndMemory() {
        var nextDue = expiry.nextDue();
        meters.update(nextDue);
        if (nextDue != null) recentMessages.evictExpired(rules.retention(), nextDue.now());
        updatedAt = System.nanoTime();
    }

    private void addMissingRooms() throws InterruptedException {
        if (lastScannedRoom == null && System.nanoTime() - scannedAt > SCAN_INTERVAL.toNanos()) lastScannedRoom = "";
        while (lastScannedRoom != null) {
            var startedAt = System.nanoTime();
            lastScannedRoom = expiry.addMissingRooms(lastScannedRoom);
            scannedAt = System.nanoTime();
            pauseForSameTime(startedAt);
        }
    }

    private void deleteExpired() throws InterruptedException {
        var startedAt = System.nanoTime();
        var deleted = 0L;
        var batches = 0;
        try {
            while (System.nanoTime() - startedAt < MAX_ROUND_TIME.toNanos()) {
                var batchStartedAt = System.nanoTime();
                switch (expiry.deleteNextBatch()) {
                    case Expiry.BatchResult.Done(var messages, var isLast) -> {
                        if (isLast) return;
                        batches++;
                        deleted += messages;
                        meters.countDeleted(messages);
                    }
                    case Expiry.BatchResult.Busy _ -> {
                        return;
                    }
                    case Expiry.BatchResult.Replaced _ -> {
                        warnOnceReplaced();
                        return;
                    }
                }
                if (System.nanoTime() - updatedAt > interval.toNanos()) updateMetricsAndMemory();
                pauseForSameTime(batchStartedAt);
            }
        } finally {
            if (deleted > 0)
                log.atInfo().addKeyValue("messages", deleted).addKeyValue("steps", batches)
                        .addKeyValue("took", Duration.ofNanos(System.nanoTime() - startedAt))
                        .log("old messages are deleted");
        }
    }

    private void warnOnceReplaced() {
        if (hasWarnedReplaced) return;
        hasWarnedReplaced = true;
        log.atWarn().addKeyValue("retention", rules.retention())
                .log("an instance that started later has another HISTORY_RETENTION, which counts now; this instance"
                        + " deletes no more messages");
    }

    private static void pauseForSameTime(long startedAt) throws InterruptedException {
        var took = Duration.ofNanos(System.nanoTime() - startedAt);
        Thread.sleep(took.compareTo(MIN_PAUSE) > 0 ? took : MIN_PAUSE);
    }

    /** Ends the job within a bound. A running batch is rolled back; another instance finds its messages again. */
    @Override
    public void close() {
        periodicTask.close();
    }
}
