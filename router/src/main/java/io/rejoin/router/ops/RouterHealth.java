package io.rejoin.router.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.rejoin.resilience.Hysteresis;
import io.rejoin.router.metrics.ShardStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports whether a router is live and ready, and lists its problems. A background thread takes the readings, so the
 * answers never block.
 */
public final class RouterHealth implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(RouterHealth.class);
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** The interval while all is healthy. A problem counts only after some seconds anyway. */
    private static final Duration INTERVAL_HEALTHY = Duration.ofSeconds(1);
    /**
     * Kafka counts as available while one of this router's beats came back within this time. The router sends at least
     * one beat per second.
     */
    static final Duration MAX_BEAT_AGE = Duration.ofMillis(2_250);
    /** A longer takeover is a problem. {@link Hysteresis} adds some seconds before the router is unready. */
    static final Duration MAX_TAKEOVER = Duration.ofSeconds(5);

    /**
     * The inputs of the health check. None of them may block.
     *
     * @param isAlive       whether all threads run
     * @param shards        the shards assigned to this router
     * @param lastOwnBeatAt when one of this router's records last came back from Kafka, by the stopwatch; null if never
     * @param logTime       in milliseconds since the epoch; null while unknown
     * @param memoryProblem null if there is none
     */
    public record Sources(BooleanSupplier isAlive, Supplier<List<ShardStatus>> shards,
            Supplier<@Nullable Long> lastOwnBeatAt, Supplier<@Nullable Long> logTime,
            Supplier<@Nullable String> memoryProblem) {}

    /** The body of {@code /health}. */
    record Report(String status, Counts shards, @Nullable String logTime, @Nullable Long kafkaHeardMsAgo,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> problems, List<ShardStatus> partitions) {
        Report {
            problems = List.copyOf(problems);
            partitions = List.copyOf(partitions);
        }
    }

    /** The number of shards in each state, and the lag of all shards together, in command records. */
    record Counts(long running, long takingOver, long waiting, long lag) {}

    private final Sources sources;
    private final String bootstrapServers;
    private final LongSupplier stopwatch;
    private final Hysteresis kafka;
    private final Hysteresis shards;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean wasKafkaReliable;
    /** Whether all was healthy at the last check. Used only by the thread that checks. */
    private boolean isHealthy;
    private volatile boolean isReady;

    /** @param stopwatch as {@code System.nanoTime} */
    public RouterHealth(Sources sources, String bootstrapServers, LongSupplier stopwatch) {
        this.sources = sources;
        this.bootstrapServers = bootstrapServers;
        this.stopwatch = stopwatch;
        this.kafka = Hysteresis.unproven(stopwatch.getAsLong());
        this.shards = Hysteresis.unproven(stopwatch.getAsLong());
    }

    @Override
    public void run() {
        try {
            do {
                update();
            } while (!stopped.await((isHealthy ? INTERVAL_HEALTHY : INTERVAL).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return; from here on the router is not ready. Safe from any thread. */
    public void stop() {
        stopped.countDown();
        isReady = false;
    }

    void update() {
        var now = stopwatch.getAsLong();
        var isKafkaHealthy = kafkaProblem(now) == null;
        var areShardsHealthy = sources.shards().get().stream().noneMatch(shard -> isStuck(shard, now));
        var isKafkaReliable = kafka.update(isKafkaHealthy, now);
        var areShardsReliable = shards.update(areShardsHealthy, now);
        isHealthy = isKafkaHealthy && isKafkaReliable && areShardsHealthy && areShardsReliable;
        isReady = isKafkaReliable && areShardsReliable && stopped.getCount() > 0;
        if (isKafkaReliable != wasKafkaReliable) logKafkaChange(isKafkaReliable);
        wasKafkaReliable = isKafkaReliable;
    }

    private void logKafkaChange(boolean isReliable) {
        if (isReliable) log.info("Kafka answers");
        else
            log.atWarn().addKeyValue("servers", bootstrapServers)
                    .log("Kafka does not answer: posts wait until Kafka is back. The router retries");
    }

    /** Whether the process should keep running. Does not depend on Kafka or other services. */
    boolean isLive() {
        return sources.isAlive().getAsBoolean();
    }

    /** Whether the router does its work. */
    public boolean isReady() {
        return isReady && isLive();
    }

    Report report() {
        var now = stopwatch.getAsLong();
        var partitions = sources.shards().get();
        var problems = new ArrayList<String>();
        var kafkaProblem = kafkaProblem(now);
        if (kafkaProblem != null) problems.add(kafkaProblem);
        var memoryProblem = sources.memoryProblem().get();
        if (memoryProblem != null) problems.add(memoryProblem);
        for (var shard : partitions) {
            if (!isStuck(shard, now)) continue;
            var reason = shard.reason() == null ? "the takeover takes long" : "the shard failed: " + shard.reason();
            problems.add("partition " + shard.partition() + " of the commands: " + reason);
        }
        var statusWhenReady = problems.isEmpty() ? "ok" : "degraded";
        var logTime = sources.logTime().get();
        var lastOwnBeatAt = sources.lastOwnBeatAt().get();
        return new Report(isReady() ? statusWhenReady : "unready", counts(partitions),
                logTime == null ? null : Instant.ofEpochMilli(logTime).toString(),
                lastOwnBeatAt == null ? null : Duration.ofNanos(now - lastOwnBeatAt).toMillis(), problems, partitions);
    }

    private @Nullable String kafkaProblem(long now) {
        var lastOwnBeatAt = sources.lastOwnBeatAt().get();
        if (lastOwnBeatAt != null && now - lastOwnBeatAt < MAX_BEAT_AGE.toNanos()) return null;
        return "kafka: no heartbeat of this router came back recently, so posts wait. Check the brokers at "
                + bootstrapServers + " (KAFKA_BOOTSTRAP_SERVERS)";
    }

    private static boolean isStuck(ShardStatus shard, long now) {
        if (shard.reason() != null) return true;
        return shard.state() != ShardStatus.State.RUNNING && now - shard.since() > MAX_TAKEOVER.toNanos();
    }

    private static Counts counts(List<ShardStatus> shards) {
        return new Counts(count(shards, ShardStatus.State.RUNNING), count(shards, ShardStatus.State.TAKING_OVER),
                count(shards, ShardStatus.State.WAITING),
                shards.stream().mapToLong(shard -> shard.lag() == null ? 0 : shard.lag()).sum());
    }

    private static long count(List<ShardStatus> shards, ShardStatus.State state) {
        return shards.stream().filter(shard -> shard.state() == state).count();
    }
}
