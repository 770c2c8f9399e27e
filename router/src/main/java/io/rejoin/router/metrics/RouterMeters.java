package io.rejoin.router.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import io.rejoin.metrics.BrokenInvariants;
import io.rejoin.router.core.Output;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The metrics of a router: commands read, outputs sent, and takeovers and failures of shards. Safe for any thread. */
public final class RouterMeters {
    private static final Duration[] TAKEOVERS = Stream.of(100, 250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 30_000)
            .map(Duration::ofMillis).toArray(Duration[]::new);
    private static final Duration[] APPENDS = LongStream
            .of(2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
            .mapToObj(Duration::ofMillis).toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final CountersByType<Command> commands;
    private final CountersByType<Event> events;
    private final CountersByType<Delivery> deliveries;
    private final Counter announced;
    private final Counter duplicates;
    private final Counter unusable;
    private final Counter expired;
    private final Timer takeovers;
    private final Counter failures;
    private final Counter shed;
    private final Timer appends;
    private final BrokenInvariants<RouterInvariant> invariants;
    private final ShardGauges shards;

    public RouterMeters(MeterRegistry registry) {
        this.registry = registry;
        commands = new CountersByType<>(Command.class, kind -> counter("rejoin.router.commands", "commands",
                "Commands that shards have processed").tag("type", kind).register(registry));
        events = new CountersByType<>(Event.class, kind -> counter("rejoin.router.events", "events",
                "Events that shards have emitted").tag("type", kind).register(registry));
        deliveries = new CountersByType<>(Delivery.class, kind -> counter("rejoin.router.deliveries", "deliveries",
                "Deliveries that shards have emitted, counted for each edge").tag("type", kind).register(registry));
        announced = counter("rejoin.router.told.records", "records",
                "Command records that came directly from the edge or router that appended them")
                .register(registry);
        duplicates = counter("rejoin.router.duplicate.posts", "posts",
                "Posts that were duplicates by their id, and were not posted again").register(registry);
        unusable = deadLetters(registry, "unusable");
        expired = deadLetters(registry, "expired");
        takeovers = Timer.builder("rejoin.router.takeover").serviceLevelObjectives(TAKEOVERS)
                .description("Time to take over a shard, until its state is loaded")
                .register(registry);
        failures = counter("rejoin.router.shard.failures", "failures",
                "Failures of shards and of takeovers; the router retries after a backoff")
                .register(registry);
        shed = counter("rejoin.router.shed.shards", "shards",
                "Times that the router gave up a shard because it was short of memory").register(registry);
        appends = Timer.builder("rejoin.router.append.latency").serviceLevelObjectives(APPENDS)
                .description("Time from when a shard emits a record until Kafka has it").register(registry);
        invariants = new BrokenInvariants<>(registry, "router", RouterInvariant.class);
        shards = new ShardGauges(registry);
    }

    /** Counts a command record that was announced and need not be fetched. */
    public void countAnnounced() {
        announced.increment();
    }

    private static Counter deadLetters(MeterRegistry registry, String reason) {
        return counter("rejoin.router.dead.letters", "letters",
                "Dead letters: unusable records, and messages that were not confirmed in time").tag("reason", reason)
                .register(registry);
    }

    private static Counter.Builder counter(String name, String unit, String description) {
        return Counter.builder(name).baseUnit(unit).description(description);
    }

    public void countCommands(CommandRecord record) {
        for (var item : record.items()) {
            if (item instanceof CommandRecord.Item.Usable(var command)) commands.count(command);
        }
    }

    public void countOutputs(List<? extends Output> outputs) {
        for (var output : outputs) {
            switch (output) {
                case Output.Fact(var _, var event) -> events.count(event);
                case Output.DeadLetter _ -> expired.increment();
                case Output.Push(var _, var _, var delivery) -> {
                    deliveries.count(delivery);
                    if (delivery instanceof Delivery.Acked acked && acked.duplicate()) duplicates.increment();
                }
            }
        }
    }

    public void countDeadLetter() {
        unusable.increment();
    }

    /** Records the time until Kafka acknowledged a record. */
    public void recordAppend(long nanos) {
        appends.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a broken invariant. */
    public void countBroken(RouterInvariant invariant) {
        invariants.count(invariant);
    }

    /** Shows the number of partitions of the command log. The running shards of all routers must add up to it. */
    public void showPartitions(int count) {
        Gauge.builder("rejoin.router.partitions", () -> count).baseUnit("partitions")
                .description("Partitions of the command log; each needs a running shard on one router")
                .register(registry);
    }

    /** Shows how many edges have a stream to this router. */
    public void showEdges(IntSupplier edgeCount) {
        Gauge.builder("rejoin.router.edges", edgeCount::getAsInt).baseUnit("edges")
                .description("Edges that have a stream to this router, for their deliveries")
                .register(registry);
    }

    public void recordTakeover(Duration duration) {
        takeovers.record(duration);
    }

    public void countFailure() {
        failures.increment();
    }

    public void countShed() {
        shed.increment();
    }

    /** Shows the current status of the shards. */
    public void showShards(List<ShardStatus> statuses) {
        shards.update(statuses);
    }
}
