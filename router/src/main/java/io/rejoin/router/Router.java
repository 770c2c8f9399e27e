package io.rejoin.router;

import io.rejoin.contracts.env.StartupResources;
import io.rejoin.link.LinkServer;
import io.rejoin.metrics.Metrics;
import io.rejoin.router.core.RedeliverySchedule;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.Inlets;
import io.rejoin.router.liveness.EdgeWatch;
import io.rejoin.router.liveness.LogClock;
import io.rejoin.router.liveness.Peers;
import io.rejoin.router.liveness.RouterWatch;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.router.ops.HealthServer;
import io.rejoin.router.ops.RouterHealth;
import io.rejoin.router.partition.CommandLoop;
import io.rejoin.router.topics.TopicSetup;
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
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

    private final Metrics metrics;
    private final EdgeWatch edgeWatch;
    private final RouterWatch routerWatch;
    private final CommandLoop commandLoop;
    private final RouterHealth health;
    private final HealthServer server;
    private final Tracing tracing;
    private final List<Thread> watchThreads;
    private final Thread commandThread;

    /**
     * Creates missing topics and starts the router. It takes shards over as the consumer group assigns them.
     *
     * @param onFatal called at most once, with the error that ended a thread or the server; the process must then exit
     */
    public static Router start(RouterConfig config, Consumer<Throwable> onFatal) throws InterruptedException {
        var hasFailed = new AtomicBoolean();
        Consumer<Throwable> onFatalOnce = cause -> {
            if (hasFailed.compareAndSet(false, true)) onFatal.accept(cause);
        };
        try (var resources = new StartupResources()) {
            var metrics = resources.add(new Metrics("router"));
            var inlets = new Inlets();
            var streams = new EdgeStreams(inlets::onAnnounced);
            var link = new LinkServer(config.link().secret(), streams, maxQueuedBytes());
            var server = resources.add(new HealthServer(config.host(), config.port(), metrics, link, onFatalOnce));
            var topic = new TopicSetup(config).ensure();
            var router = new Router(config, topic, metrics, streams, inlets, server, resources, onFatalOnce);
            resources.keep();
            router.startThreads();
            return router;
        }
    }

    /** The most bytes that may be queued for all edges together. */
    private static int maxQueuedBytes() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / 8, 1 << 20, 128 << 20);
    }

    private Router(RouterConfig config, TopicSetup.CommandTopic topic, Metrics metrics, EdgeStreams streams,
            Inlets inlets, HealthServer server, StartupResources resources, Consumer<Throwable> onFatal) {
        this.metrics = metrics;
        this.server = server;
        this.tracing = resources.add(Tracing.open(config.traces(), "router"));
        var clients = new KafkaClients(config);
        var random = new SecureRandom();
        var id = newId(random);
        var clock = new LogClock();
        var peers = new Peers();
        var meters = new RouterMeters(metrics.registry());
        meters.showPartitions(topic.partitions());
        if (config.isLinkGuarded()) inlets.startAccepting(config.kafka().topics().commands(), topic.id(), meters);
        meters.showEdges(streams::count);
        var link = config.link().announcedAddress(config.host(), server.port());
        this.edgeWatch = new EdgeWatch(clients, clock, peers, id, link, resources);
        this.commandLoop = new CommandLoop(clients, id, streams, inlets, edgeWatch, clock,
                new RedeliverySchedule(config.redelivery()),
                config.forgetAfter(), topic.partitions(), random, meters, tracing, resources);
        this.routerWatch = new RouterWatch(clients, peers, id, commandLoop::onRouterRemoved, resources);
        this.commandThread = thread("commands", commandLoop, onFatal);
        this.health = new RouterHealth(
                new RouterHealth.Sources(this::isAlive, commandLoop::shards, edgeWatch::lastOwnBeatAt,
                        () -> orNull(clock.now()), commandLoop::memoryProblem),
                config.kafka().servers(), System::nanoTime);
        this.watchThreads = List.of(thread("edge-watch", edgeWatch, onFatal),
                thread("router-watch", routerWatch, onFatal), thread("health", health, onFatal));
        metrics.showReady(health::isReady);
        metrics.showKafka("commands", commandLoop::kafkaMetrics);
    }

    /** From here on, each thread closes its own clients when it ends. */
    private void startThreads() {
        commandThread.start();
        watchThreads.forEach(Thread::start);
        server.serve(health);
    }

    private boolean isAlive() {
        return commandThread.isAlive() && watchThreads.stream().allMatch(Thread::isAlive);
    }

    private static @Nullable Long orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    /** The port for edges, health and metrics. */
    public int port() {
        return server.port();
    }

    private static String newId(RandomGenerator random) {
        var id = new byte[8];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    private static Thread thread(String name, Runnable loop, Consumer<Throwable> onFatal) {
        return Thread.ofPlatform().name(name).uncaughtExceptionHandler((_, cause) -> onFatal.accept(cause))
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
        commandLoop.stop();
        var isStopped = awaitEnd(List.of(commandThread));
        edgeWatch.stop();
        routerWatch.stop();
        isStopped = awaitEnd(watchThreads) && isStopped;
        server.close();
        metrics.close();
        tracing.close();
        if (!isStopped)
            throw new IllegalStateException("the router did not stop in time: other routers repeat the commands since"
                    + " its last checkpoints");
    }

    private static boolean awaitEnd(List<Thread> threads) {
        try {
            for (var thread : threads) {
                if (!thread.join(STOP_TIMEOUT)) return false;
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
