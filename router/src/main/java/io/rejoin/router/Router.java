package io.rejoin.router;

import io.rejoin.contracts.env.StartupResources;
import io.rejoin.link.LinkServer;
import io.rejoin.metrics.Metrics;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.kafka.Clients;
import io.rejoin.router.kafka.CommandLoop;
import io.rejoin.router.kafka.EdgeWatch;
import io.rejoin.router.kafka.Inlets;
import io.rejoin.router.kafka.LogClock;
import io.rejoin.router.kafka.Peers;
import io.rejoin.router.kafka.RouterMeters;
import io.rejoin.router.kafka.RouterWatch;
import io.rejoin.router.kafka.TopicSetup;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.ops.Health;
import io.rejoin.router.ops.HealthServer;
import io.rejoin.tracing.Tracing;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A running router. Any number of routers share the shards. When a router stops or crashes, the others take over its
 * shards.
 */
public final class Router implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(15);

    private final Metrics metrics;
    private final EdgeWatch watch;
    private final RouterWatch others;
    private final CommandLoop commands;
    private final Health health;
    private final HealthServer server;
    private final Tracing tracing;
    private final List<Thread> watching;
    private final Thread routing;

    /**
     * Creates missing topics and starts the router. It takes shards over as the consumer group assigns them.
     *
     * @param fatal called at most once, with the error that ended a thread or the server; the process must then exit
     */
    public static Router start(RouterConfig config, Consumer<Throwable> fatal) throws InterruptedException {
        var once = new AtomicBoolean();
        Consumer<Throwable> first = cause -> {
            if (once.compareAndSet(false, true)) fatal.accept(cause);
        };
        try (var opened = new StartupResources()) {
            var metrics = opened.add(new Metrics("router"));
            var inlets = new Inlets();
            var streams = new EdgeStreams(inlets::announced);
            var link = new LinkServer(config.link().secret(), streams, mostWaiting());
            var server = opened.add(new HealthServer(config.host(), config.port(), metrics, link, first));
            var topic = new TopicSetup(config).ensure();
            var router = new Router(config, topic, metrics, streams, inlets, server, opened, first);
            opened.keep();
            router.begin();
            return router;
        }
    }

    /** The most bytes that may be queued for all edges together. */
    private static int mostWaiting() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / 8, 1 << 20, 128 << 20);
    }

    private Router(RouterConfig config, TopicSetup.CommandTopic topic, Metrics metrics, EdgeStreams streams,
            Inlets inlets,
            HealthServer server, StartupResources opened, Consumer<Throwable> fatal) {
        this.metrics = metrics;
        this.server = server;
        this.tracing = opened.add(Tracing.open(config.traces(), "router"));
        var clients = new Clients(config);
        var random = new SecureRandom();
        var id = id(random);
        var clock = new LogClock();
        var peers = new Peers();
        var meters = new RouterMeters(metrics.registry());
        meters.partitions(topic.partitions());
        if (config.isLinkGuarded()) inlets.begin(config.kafka().topics().commands(), topic.id(), meters);
        meters.edges(streams::count);
        var link = config.link().announced(config.host(), server.port());
        this.watch = new EdgeWatch(clients, clock, peers, id, link, opened);
        this.commands = new CommandLoop(clients, id, streams, inlets, watch, clock,
                new RedeliverySchedule(config.redelivery()),
                config.forgetAfter(), topic.partitions(), random, meters, tracing, opened);
        this.others = new RouterWatch(clients, peers, id, commands::rejoin, opened);
        this.routing = thread("commands", commands, fatal);
        this.health = new Health(
                new Health.Sources(this::isAlive, commands::shards, watch::lastHeard, () -> orNull(clock.now()),
                        commands::memoryProblem),
                config.kafka().servers(), System::nanoTime);
        this.watching = List.of(thread("edge-watch", watch, fatal), thread("router-watch", others, fatal),
                thread("health", health, fatal));
        metrics.showReady(health::isReady);
        metrics.showKafka("commands", commands::kafkaNumbers);
    }

    /** From here on, each thread closes its own clients when it ends. */
    private void begin() {
        routing.start();
        watching.forEach(Thread::start);
        server.serve(health);
    }

    private boolean isAlive() {
        return routing.isAlive() && watching.stream().allMatch(Thread::isAlive);
    }

    private static @Nullable Long orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    /** The port for edges, health and metrics. */
    public int port() {
        return server.port();
    }

    private static String id(RandomGenerator random) {
        var id = new byte[8];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    private static Thread thread(String name, Runnable loop, Consumer<Throwable> fatal) {
        return Thread.ofPlatform().name(name).uncaughtExceptionHandler((_, cause) -> fatal.accept(cause))
                .unstarted(loop);
    }

    /**
     * Releases the shards with a last checkpoint, then stops the router, within a time limit. The heartbeats go on
     * until the shards are released, so that no other router removes this one from the group.
     *
     * @throws IllegalStateException if the router did not stop in time
     */
    @Override
    public void close() {
        health.stop();
        commands.stop();
        var ended = ended(List.of(routing));
        watch.stop();
        others.stop();
        ended = ended(watching) && ended;
        server.close();
        metrics.close();
        tracing.close();
        if (!ended)
            throw new IllegalStateException("the router did not stop in time: other routers repeat the commands since"
                    + " its last checkpoints");
    }

    private static boolean ended(List<Thread> threads) {
        try {
            for (var thread : threads) {
                if (!thread.join(STOP)) return false;
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
