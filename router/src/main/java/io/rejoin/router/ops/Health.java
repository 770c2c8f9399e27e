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

/** Whether a router lives, does its work, and what is wrong. Answers at once: what it tells was seen in the background. */
public final class Health implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Health.class);
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** While all is well: some seconds pass anyway until trouble counts. */
    private static final Duration INTERVAL_WELL = Duration.ofSeconds(1);
    /** Kafka is well while a beat of this router came back in this time: it beats once a second at least. */
    static final Duration HEARD = Duration.ofMillis(2_250);
    /** A takeover that takes longer is trouble; with all hesitation, some seconds more pass before it tells. */
    static final Duration TAKEOVER = Duration.ofSeconds(5);

    /**
     * What it looks at; each of them answers at once.
     *
     * @param alive  whether all loops run
     * @param shards those that are assigned to this router
     * @param heard  when Kafka gave something of this router back last, by the stopwatch; null if never
     * @param time   the log's, in milliseconds since the epoch; null while it is not known
     * @param memory what is wrong with it; null if nothing is
     */
    public record Sources(BooleanSupplier alive, Supplier<List<ShardStatus>> shards, Supplier<@Nullable Long> heard,
            Supplier<@Nullable Long> time, Supplier<@Nullable String> memory) {}

    /** For people. */
    record Report(String status, Counts shards, @Nullable String logTime, @Nullable Long kafkaHeardMsAgo,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> problems, List<ShardStatus> partitions) {
        Report {
            problems = List.copyOf(problems);
            partitions = List.copyOf(partitions);
        }
    }

    /** How many shards are in which state, and the commands that are not taken yet in all of them. */
    record Counts(long running, long takingOver, long waiting, long lag) {}

    private final Sources sources;
    private final String bootstrapServers;
    private final LongSupplier stopwatch;
    private final Steady kafka = new Steady();
    private final Steady shards = new Steady();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean kafkaWas;
    /** All of it, when it was looked at last. Of the thread that looks. */
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
        if (isWell) log.info("Kafka is there");
        else
            log.atWarn().addKeyValue("servers", bootstrapServers)
                    .log("Kafka is away: no message gets its place until it is back. The router goes on trying");
    }

    /** Whether the process is worth keeping; does not follow what it depends on. */
    boolean isLive() {
        return sources.alive().getAsBoolean();
    }

    /** Whether it does its work. */
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
            var reason = shard.reason() == null ? "its takeover takes long" : "it failed: " + shard.reason();
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
        return "kafka: no beat of this router came back lately, so no message gets its place. Check the brokers at "
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
