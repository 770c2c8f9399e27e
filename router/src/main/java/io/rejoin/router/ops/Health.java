package io.rejoin.router.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.rejoin.router.kafka.ShardStatus;
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
public final class Health implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Health.class);
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** The interval while all is well. A problem counts only after some seconds anyway. */
    private static final Duration INTERVAL_WELL = Duration.ofSeconds(1);
    /**
     * Kafka counts as available while one of this router's beats came back within this time. The router sends at least
     * one beat per second.
     */
    static final Duration HEARD = Duration.ofMillis(2_250);
    /** A longer takeover is a problem. {@link Hysteresis} adds some seconds before the router is unready. */
    static final Duration TAKEOVER = Duration.ofSeconds(5);

    /**
     * The inputs of the health check. None of them may block.
     *
     * @param alive  whether all threads run
     * @param shards the shards assigned to this router
     * @param heard  when one of this router's records last came back from Kafka, by the stopwatch; null if never
     * @param time   log time in milliseconds since the epoch; null while unknown
     * @param memory the memory problem; null if there is none
     */
    public record Sources(BooleanSupplier alive, Supplier<List<ShardStatus>> shards, Supplier<@Nullable Long> heard,
            Supplier<@Nullable Long> time, Supplier<@Nullable String> memory) {}

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
    private final Hysteresis kafka = new Hysteresis();
    private final Hysteresis shards = new Hysteresis();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean kafkaWas;
    /** Whether all was well at the last check. Used only by the thread that checks. */
    private boolean isWell;
    private volatile boolean ready;

    /** @param stopwatch as {@code System.nanoTime} */
    public Health(Sources sources, String bootstrapServers, LongSupplier stopwatch) {
        this.sources = sources;
        this.bootstrapServers = bootstrapServers;
        this.stopwatch = stopwatch;
    }

    @Override
    public void run() {
        try {
            do {
                look();
            } while (!stopped.await((isWell ? INTERVAL_WELL : INTERVAL).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return; from here on the router is not ready. Safe from any thread. */
    public void stop() {
        stopped.countDown();
        ready = false;
    }

    void look() {
        var now = stopwatch.getAsLong();
        var isKafkaWell = kafkaProblem(now) == null;
        var areShardsWell = sources.shards().get().stream().noneMatch(shard -> isStuck(shard, now));
        var kafkaNow = kafka.look(isKafkaWell, now);
        var shardsNow = shards.look(areShardsWell, now);
        isWell = isKafkaWell && kafkaNow && areShardsWell && shardsNow;
        ready = kafkaNow && shardsNow && stopped.getCount() > 0;
        if (kafkaNow != kafkaWas) tell(kafkaNow);
        kafkaWas = kafkaNow;
    }

    private void tell(boolean isWell) {
        if (isWell) log.info("Kafka answers");
        else
            log.atWarn().addKeyValue("servers", bootstrapServers)
                    .log("Kafka does not answer: posts wait until Kafka is back. The router retries");
    }

    /** Whether the process should keep running. Does not depend on Kafka or other services. */
    boolean isLive() {
        return sources.alive().getAsBoolean();
    }

    /** Whether the router does its work. */
    public boolean isReady() {
        return ready && isLive();
    }

    Report report() {
        var now = stopwatch.getAsLong();
        var partitions = sources.shards().get();
        var problems = new ArrayList<String>();
        var kafkaProblem = kafkaProblem(now);
        if (kafkaProblem != null) problems.add(kafkaProblem);
        var memoryProblem = sources.memory().get();
        if (memoryProblem != null) problems.add(memoryProblem);
        for (var shard : partitions) {
            if (!isStuck(shard, now)) continue;
            var reason = shard.reason() == null ? "the takeover takes long" : "the shard failed: " + shard.reason();
            problems.add("partition " + shard.partition() + " of the commands: " + reason);
        }
        var fine = problems.isEmpty() ? "ok" : "degraded";
        var time = sources.time().get();
        var heard = sources.heard().get();
        return new Report(isReady() ? fine : "unready", counts(partitions),
                time == null ? null : Instant.ofEpochMilli(time).toString(),
                heard == null ? null : Duration.ofNanos(now - heard).toMillis(), problems, partitions);
    }

    private @Nullable String kafkaProblem(long now) {
        var heard = sources.heard().get();
        if (heard != null && now - heard < HEARD.toNanos()) return null;
        return "kafka: no heartbeat of this router came back recently, so posts wait. Check the brokers at "
                + bootstrapServers + " (KAFKA_BOOTSTRAP_SERVERS)";
    }

    private static boolean isStuck(ShardStatus shard, long now) {
        if (shard.reason() != null) return true;
        return shard.state() != ShardStatus.State.RUNNING && now - shard.since() > TAKEOVER.toNanos();
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
