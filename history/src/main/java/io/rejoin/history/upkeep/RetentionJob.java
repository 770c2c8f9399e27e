package io.rejoin.history.upkeep;

import io.micrometer.core.instrument.MeterRegistry;
import io.rejoin.history.retry.Backoff;
import io.rejoin.history.store.Expiry;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.history.store.RetentionRules;
import io.rejoin.history.store.StoreException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes expired messages in rounds. A round is a series of steps until nothing is due or its time is over. After each
 * step the job rests as long as the step took: so the database has at least half of its time for other work. All
 * instances run the job; the first one to take the lock does the step.
 */
public final class RetentionJob implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RetentionJob.class);
    private static final Duration LONGEST_BETWEEN = Duration.ofSeconds(10);
    private static final Duration SHORTEST_BETWEEN = Duration.ofMillis(100);
    private static final Duration ROUND = Duration.ofMinutes(1);
    private static final Duration SHORTEST_REST = Duration.ofMillis(5);
    /** Interval of the sweep for rooms without a row in {@code room_age}; the first sweep is at the start. */
    private static final Duration BETWEEN_SWEEPS = Duration.ofDays(1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    private final RetentionRules rules;
    private final Expiry expiry;
    private final RecentMessages tail;
    private final RetentionMeters meters;
    private final RandomGenerator random = new SecureRandom();
    private final Duration between;
    private final Rounds rounds;

    // Only the job's thread uses the fields below
    private @Nullable String swept = "";
    private long sweptAt;
    private long lookedAt;
    private int failures;
    private boolean replaced;

    /**
     * Creates the job; it does nothing before {@link #start}, and nothing at all if all messages are kept forever.
     *
     * @param fatal called with the failure that ended the job, unless {@link #close} ended the job
     */
    public RetentionJob(RetentionRules rules, Expiry expiry, RecentMessages tail, MeterRegistry registry,
            Consumer<Throwable> fatal) {
        this.rules = rules;
        this.expiry = expiry;
        this.tail = tail;
        this.meters = new RetentionMeters(registry);
        this.between = between(rules.retention().shortest());
        this.rounds = new Rounds("retention", this::round, fatal);
    }

    private static Duration between(Duration shortest) {
        var tenth = shortest.dividedBy(10);
        if (tenth.compareTo(LONGEST_BETWEEN) > 0) return LONGEST_BETWEEN;
        return tenth.compareTo(SHORTEST_BETWEEN) < 0 ? SHORTEST_BETWEEN : tenth;
    }

    /** Starts the job, unless all messages are kept forever. */
    public void start() {
        if (!rules.retention().isForever()) rounds.start();
    }

    /** Does one round. Returns how long to wait until the next round. */
    private Duration round() throws InterruptedException {
        try {
            sweep();
            delete();
            look();
            failures = 0;
            return between;
        } catch (StoreException.Unavailable e) {
            var delay = BACKOFF.delay(failures, random);
            log.atWarn().addKeyValue("failures", ++failures).addKeyValue("retry_in", delay).addKeyValue("cause", e)
                    .log("history cannot delete old messages: PostgreSQL does not answer; history retries");
            return delay;
        }
    }

    /** Updates the metrics and forgets expired messages in memory, even while the database has much left to delete. */
    private void look() {
        var next = expiry.next();
        meters.next(next);
        if (next != null) tail.expire(rules.retention(), next.now());
        lookedAt = System.nanoTime();
    }

    private void sweep() throws InterruptedException {
        if (swept == null && System.nanoTime() - sweptAt > BETWEEN_SWEEPS.toNanos()) swept = "";
        while (swept != null) {
            var begin = System.nanoTime();
            swept = expiry.sweep(swept);
            sweptAt = System.nanoTime();
            rest(begin);
        }
    }

    private void delete() throws InterruptedException {
        var begin = System.nanoTime();
        var deleted = 0L;
        var steps = 0;
        try {
            while (System.nanoTime() - begin < ROUND.toNanos()) {
                var stepBegin = System.nanoTime();
                switch (expiry.step()) {
                    case Expiry.Step.Done(var messages, var isLast) -> {
                        if (isLast) return;
                        steps++;
                        deleted += messages;
                        meters.deleted(messages);
                    }
                    case Expiry.Step.Busy _ -> {
                        return;
                    }
                    case Expiry.Step.Replaced _ -> {
                        tellReplaced();
                        return;
                    }
                }
                if (System.nanoTime() - lookedAt > between.toNanos()) look();
                rest(stepBegin);
            }
        } finally {
            if (deleted > 0)
                log.atInfo().addKeyValue("messages", deleted).addKeyValue("steps", steps)
                        .addKeyValue("took", Duration.ofNanos(System.nanoTime() - begin))
                        .log("old messages are deleted");
        }
    }

    private void tellReplaced() {
        if (replaced) return;
        replaced = true;
        log.atWarn().addKeyValue("retention", rules.retention())
                .log("an instance that started later has another HISTORY_RETENTION, which counts now; this instance"
                        + " deletes no more messages");
    }

    private static void rest(long begin) throws InterruptedException {
        var took = Duration.ofNanos(System.nanoTime() - begin);
        Thread.sleep(took.compareTo(SHORTEST_REST) > 0 ? took : SHORTEST_REST);
    }

    /** Ends the job within a bound. A running step is rolled back; another instance finds its messages again. */
    @Override
    public void close() {
        rounds.close();
    }
}
