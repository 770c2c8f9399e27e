package io.rejoin.edge;

import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.env.BrokerNames;
import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.edge.auth.DevVerifier;
import io.rejoin.edge.auth.JwtVerifier;
import io.rejoin.edge.auth.PublishedKeys;
import io.rejoin.edge.auth.TokenVerifier;
import io.rejoin.edge.command.CommandLog;
import io.rejoin.edge.command.TimedCommands;
import io.rejoin.edge.config.AuthConfig;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.edge.config.TlsConfig;
import io.rejoin.edge.fanout.DeadLetterWriter;
import io.rejoin.edge.fanout.FanOut;
import io.rejoin.edge.fanout.StreamFrames;
import io.rejoin.edge.link.EdgesTopic;
import io.rejoin.edge.link.Evacuation;
import io.rejoin.edge.link.Routers;
import io.rejoin.edge.liveness.EdgeHeartbeatSender;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.EdgeGauges;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.edge.metrics.SocketMeters;
import io.rejoin.edge.metrics.TlsMeters;
import io.rejoin.edge.ops.ClientPortSite;
import io.rejoin.edge.ops.EdgeHealth;
import io.rejoin.edge.ops.HistoryProbe;
import io.rejoin.edge.ops.MetricsServer;
import io.rejoin.edge.resume.CountedReads;
import io.rejoin.edge.resume.HistoryClient;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.session.ClientHeartbeats;
import io.rejoin.edge.session.ConnectionLimits;
import io.rejoin.edge.session.Drain;
import io.rejoin.edge.session.Endpoint;
import io.rejoin.edge.session.FrameHandler;
import io.rejoin.edge.session.Memberships;
import io.rejoin.edge.session.NewRoomLimit;
import io.rejoin.edge.session.Posts;
import io.rejoin.edge.session.Sessions;
import io.rejoin.edge.session.TokenRefresh;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.edge.websocket.Upgrader;
import io.rejoin.edge.websocket.WebSocketLimits;
import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.tls.CertificateFiles;
import io.rejoin.metrics.Metrics;
import io.rejoin.resilience.Dependency;
import io.rejoin.tracing.Tracing;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An edge that serves. This class creates and connects all of its parts. */
public final class Edge implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Edge.class);
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;
    private static final Duration TOPICS_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration FIRST_HEARTBEAT_TIMEOUT = Duration.ofMinutes(2);
    /** How long HTTP requests under way may take when the edge ends. */
    private static final Duration HTTP_SHUTDOWN_TIMEOUT = Duration.ofMillis(500);
    /** One plain HTTP connection, including handshakes, per this many WebSockets; within the two bounds below. */
    private static final int WEBSOCKETS_PER_HTTP_CONNECTION = 8;
    private static final int MIN_HTTP_CONNECTIONS = 64;
    private static final int MAX_HTTP_CONNECTIONS = 2048;
    /** Open files reserved for connections to Kafka and history, for classes, and for readers of metrics. */
    private static final int RESERVED_FILES = 160 + MetricsServer.CONNECTIONS;
    /** The last posts get 2 s to be acknowledged, and a WebSocket takes at most 5 s to close. */
    private static final Duration SESSIONS_CLOSE_TIMEOUT = Duration.ofMillis(7_500);
    private static final Duration LEAVES_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration THREADS_END_TIMEOUT = Duration.ofSeconds(2);

    private final EdgeConfig config;
    private final EdgeThreads threads;
    private final @Nullable PublishedKeys keys;
    private final @Nullable CertificateFiles certificate;
    private final CommandLog commands;
    private final Memberships memberships;
    private final Sessions sessions;
    private final HistoryClient history;
    private final DeadLetterWriter deadLetterWriter;
    private final StreamFrames streamFrames;
    private final Routers routers;
    private final EdgesTopic edgesTopic;
    private final EdgeHeartbeatSender heartbeatSender;
    private final ClientHeartbeats clientHeartbeats;
    private final HistoryProbe historyProbe;
    private final EdgeHealth health;
    private final Drain drain;
    private final Listener listener;
    private final Metrics metrics;
    private final MetricsServer metricsServer;
    private final Tracing tracing;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts an edge and returns once it serves. Waits for a limited time for Kafka and for the topics that routers
     * create.
     *
     * @param fatal called at most once, when the edge cannot continue: its process must end
     * @throws ConfigException       if a file that the configuration names cannot be used
     * @throws IllegalStateException if the edge cannot start; the message says what to do
     */
    public static Edge start(EdgeConfig config, Consumer<Throwable> fatal) {
        log.atInfo().addKeyValue("config", config).log("edge starts");
        if (config.auth().dev())
            log.atWarn().log("EDGE_AUTH=dev: the edge accepts EVERY token and every name."
                    + " Use it only for development on this machine");
        var edge = open(config, fatal);
        try {
            edge.startOrClose();
            return edge;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Creates the edge. On failure it closes everything it has opened. */
    private static Edge open(EdgeConfig config, Consumer<Throwable> fatal) {
        try (var opened = new StartupResources()) {
            var jwks = config.auth().jwks();
            var keys = jwks == null ? null : PublishedKeys.of(jwks, new SecureRandom());
            if (keys != null) opened.endBy(keys::stop);
            var tokens = tokens(config.auth(), keys);
            var certificate = certificate(config.listen().tls());
            BrokerNames.await(config.kafka().servers(), TOPICS_TIMEOUT, log::warn);
            var topics = TopicInfo.await(config.kafka(), TOPICS_TIMEOUT);
            var edge = new Edge(config, keys, tokens, certificate, topics, opened, fatal);
            opened.keep();
            return edge;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while starting", e);
    }

    private Edge(EdgeConfig config, @Nullable PublishedKeys keys, TokenVerifier tokens,
            @Nullable CertificateFiles certificate, TopicInfo topics, StartupResources opened,
            Consumer<Throwable> fatal) {
        var random = new SecureRandom();
        var identity = new EdgeIdentity(config.name() + "-" + suffix(random));
        this.config = config;
        this.keys = keys;
        this.certificate = certificate;
        this.threads = new EdgeThreads(fatal);
        this.metrics = opened.add(new Metrics("edge"));
        this.tracing = opened.add(Tracing.open(config.traces(), "edge"));
        this.commands = opened.add(CommandLog.open(config.kafka(), topics.commandPartitions(), tracing, threads::fail));
        var rooms = new LocalRooms(Runtime.getRuntime().maxMemory() / 8);
        var sessionMeters = new SessionMeters(metrics.registry());
        var timedCommands = new TimedCommands(commands, sessionMeters);
        this.memberships = new Memberships(timedCommands, identity, rooms, random,
                config.presence().grace());
        var budget = budget(config.listen().connections());
        var connectionLimits = new ConnectionLimits(budget.webSockets(), config.listen().connectionsPerUser());
        this.sessions = new Sessions(connectionLimits, memberships);
        this.history = opened.add(new HistoryClient(config.history().url(), config.history().secret(),
                topics.eventsTopicId(), rooms::forgetMessages));
        var memory = new FrameMemory(Runtime.getRuntime().maxMemory() / 4);
        var fanOutMeters = new FanOutMeters(metrics.registry());
        var fanOut = new FanOut(rooms, sessions, new CountedReads(history, fanOutMeters), memory, random, fanOutMeters);
        this.deadLetterWriter = opened.add(DeadLetterWriter.open(config.kafka(), fanOutMeters));
        this.drain = new Drain(sessions, config.drain().spread(), random);
        this.streamFrames = new StreamFrames(identity, fanOut, sessions, topics.commandPartitions(),
                topics.commandsTopicId(), deadLetterWriter, System::nanoTime, tracing);
        this.routers = opened
                .add(new Routers(streamFrames, config.routers().secret(), random, System::nanoTime, threads::fail));
        commands.setListener(routers::sendAppended);
        var evacuation = new Evacuation(identity.current().edge(), streamFrames::uncoveredShards,
                () -> drain.begin(Drain.Reason.UNCOVERED_SHARDS, Duration.ZERO),
                () -> drain.undo(Drain.Reason.UNCOVERED_SHARDS),
                System::nanoTime);
        this.edgesTopic = opened.add(EdgesTopic.open(config.kafka(), identity.current().edge(), routers, evacuation,
                this::handleOrder, random));
        streamFrames.setUncoveredListener(edgesTopic::readNow);
        this.heartbeatSender = opened
                .add(EdgeHeartbeatSender.open(config.kafka(), identity, this::address, sessions::count, this::status,
                        random));
        var newRooms = new NewRoomLimit(config.connection().newRooms(), config.connection().rooms());
        this.clientHeartbeats = new ClientHeartbeats(sessions, config.connection().heartbeat(), newRooms,
                Clock.systemUTC());
        this.historyProbe = new HistoryProbe(history, config.history().url());
        var now = System.nanoTime();
        this.health = new EdgeHealth(sessions::count, connectionLimits::isFull, threads::areAlive,
                new EdgeHealth.RequiredDependencies(Dependency.reliable("kafka", heartbeatSender::problem, now),
                        Dependency.unproven("routers", routers::problem, now), evacuation::isAnotherEdgeHealthy),
                optionalDependencies(now), System::nanoTime, Clock.systemUTC());
        this.metricsServer = new MetricsServer(config.metrics(), metrics, health, threads::fail);
        var posts = new Posts(timedCommands, identity, config.messages().confirmWithin(), tracing);
        var frames = new FrameHandler(posts, memberships, new TokenRefresh(tokens, memberships), Clock.systemUTC(),
                config.connection().rooms(), config.messages().direct(), newRooms);
        var endpoint = new Endpoint(tokens, config.listen().origins(), sessions, memberships, frames, random,
                config.connection().heartbeat(),
                new ServerFrame.Limits(MAX_MESSAGE_BYTES, config.connection().rooms()), drain,
                sessionMeters);
        this.listener = listener(config, budget, endpoint, memory, new ClientPortSite(health, endpoint::check));
        registerGauges(rooms, connectionLimits);
    }

    private void registerGauges(LocalRooms rooms, ConnectionLimits connectionLimits) {
        var gauges = new EdgeGauges(metrics.registry());
        gauges.showClients(sessions::count, connectionLimits.maxConnections(), memberships::brokenConnections,
                rooms::count);
        gauges.showLinks(routers::connectedRouters, streamFrames::uncoveredShards);
        gauges.showDrained(health::isDrained);
        gauges.showCommands(memberships::pendingCommands, commands::queuedCommands);
        if (certificate != null) new TlsMeters(metrics.registry()).show(certificate);
        metrics.showReady(health::isReady);
        metrics.showKafka("commands", commands::kafkaMetrics);
        metrics.showKafka("edges", edgesTopic::kafkaMetrics);
    }

    private void startOrClose() throws InterruptedException {
        var isStarted = false;
        try {
            metricsServer.start();
            if (keys != null) threads.start("keys", keys); // first: no client is accepted before the keys are read
            if (certificate != null) threads.start("certificate", certificate);
            // Before the first heartbeat: after that heartbeat an operator may send an order
            edgesTopic.awaitStartPosition();
            heartbeatSender.sendFirst(FIRST_HEARTBEAT_TIMEOUT);
            threads.start("edges-topic", edgesTopic);
            threads.start("announcer", heartbeatSender);
            threads.start("signs-of-life", clientHeartbeats);
            threads.start("history-probe", historyProbe);
            threads.start("health", health);
            listen();
            isStarted = true;
        } finally {
            if (!isStarted) shutDown();
        }
        log.atInfo().addKeyValue("address", address()).log("edge serves");
    }

    private void listen() {
        try {
            listener.start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen on " + config.listen().host() + ":" + config.listen().port()
                    + ": EDGE_PORT is taken, or EDGE_HOST is not an address of this machine", e);
        }
    }

    /** The port where the edge listens for clients. */
    public int port() {
        return listener.port();
    }

    /** The port where the edge serves its metrics. */
    public int metricsPort() {
        return metricsServer.port();
    }

    /**
     * Drains the edge and stops it, within {@code EDGE_DRAIN_DELAY}, {@code EDGE_DRAIN} and about fifteen seconds more.
     * First the edge reports that it is not ready. After the delay it accepts no clients, and sends them one after the
     * other to other edges. Then it makes the leaves of its members durable.
     *
     * @throws IllegalStateException if its threads did not end in time
     */
    @Override
    public void close() {
        if (!shutDown()) throw new IllegalStateException("some threads of the edge did not end in time");
    }

    /** Like {@link #close}, but returns false if the threads did not end in time. */
    private boolean shutDown() {
        if (!closed.compareAndSet(false, true)) return true;
        threads.allowEnd();
        var isInterrupted = Thread.interrupted(); // after an interrupted start, too, the edge closes in order
        var isEnded = false;
        try {
            drainClients();
        } catch (InterruptedException _) {
            isInterrupted = true; // skips the rest of the drain; stopParts() still ends threads and clients
        }
        try {
            isEnded = stopParts();
        } catch (InterruptedException _) {
            isInterrupted = true;
        }
        if (isInterrupted) Thread.currentThread().interrupt();
        log.atInfo().log("edge stopped");
        return isEnded;
    }

    /**
     * Handles an operator's order. Unlike {@link #close}, such a drain can be undone, and the process continues.
     */
    private void handleOrder(EdgeOrder order) {
        switch (order.action()) {
            case DRAIN -> {
                log.atWarn().addKeyValue("connections", sessions.count())
                        .log("an operator drains this edge: it sends all clients away, and accepts none until"
                                + " the drain is undone");
                health.setDrained(true);
                drain.begin(Drain.Reason.OPERATOR, config.drain().delay());
            }
            case SERVE -> {
                drain.undo(Drain.Reason.OPERATOR);
                log.atInfo().log("an operator undoes the drain: " + (drain.isDraining()
                        ? "the edge accepts clients once streams from routers bring all shards again"
                        : "the edge accepts clients"));
                health.setDrained(false);
            }
        }
    }

    private void drainClients() throws InterruptedException {
        log.atInfo().addKeyValue("connections", sessions.count()).log("edge drains");
        health.setDraining();
        if (listener.isRunning() && !drain.isDraining())
            Thread.sleep(config.drain().delay()); // until load balancers have noticed
        drain.run();
        await(() -> sessions.count() == 0, SESSIONS_CLOSE_TIMEOUT);
        listener.close();
        await(() -> memberships.brokenConnections() == 0, shorter(config.presence().grace(), config.drain().spread()));
        memberships.endGracePeriods();
        // Without Kafka no leave gets durable: routers will miss the heartbeats and remove the members.
        await(() -> memberships.pendingCommands() == 0 || !heartbeatSender.isKafkaReachable(), LEAVES_TIMEOUT);
    }

    private boolean stopParts() throws InterruptedException {
        listener.close();
        metricsServer.close();
        metrics.close();
        commands.close();
        edgesTopic.stop();
        routers.close();
        heartbeatSender.stop();
        clientHeartbeats.stop();
        historyProbe.stop();
        if (keys != null) keys.stop();
        if (certificate != null) certificate.stop();
        health.stop();
        history.close();
        tracing.close();
        if (!threads.join(THREADS_END_TIMEOUT)) {
            log.atWarn().log("some threads of the edge did not end in time");
            return false;
        }
        edgesTopic.close();
        deadLetterWriter.close();
        heartbeatSender.close();
        return true;
    }

    private List<Dependency> optionalDependencies(long now) {
        var dependencies = new ArrayList<>(List.of(Dependency.reliable("history", historyProbe::problem, now)));
        if (keys != null) dependencies.add(Dependency.reliable("keys", keys::problem, now));
        if (certificate != null) dependencies.add(Dependency.reliable("certificate", certificate::problem, now));
        return dependencies;
    }

    private String status() {
        return health.status();
    }

    private String address() {
        return config.listen().host() + ":" + (listener.isRunning() ? listener.port() : config.listen().port());
    }

    private static ConnectionBudget budget(int webSockets) {
        var httpConnections = Math.clamp(webSockets / WEBSOCKETS_PER_HTTP_CONNECTION, MIN_HTTP_CONNECTIONS,
                MAX_HTTP_CONNECTIONS);
        return ConnectionBudget.of(new ConnectionBudget(webSockets, httpConnections), RESERVED_FILES);
    }

    private Listener listener(EdgeConfig config, ConnectionBudget budget, Endpoint endpoint, FrameMemory memory,
            ClientPortSite site) {
        var connection = config.connection();
        var upgrader = new Upgrader(endpoint,
                WebSocketLimits.of(MAX_MESSAGE_BYTES, connection.outboxBytes(), connection.rates(), memory),
                new SocketMeters(metrics.registry()));
        return new Listener(config.listen().host(), config.listen().port(),
                new Listener.Limits(budget, Deadlines.USUAL, HTTP_SHUTDOWN_TIMEOUT), certificate,
                new Http(site, upgrader), threads::fail);
    }

    private static @Nullable CertificateFiles certificate(@Nullable TlsConfig tls) {
        if (tls == null) return null;
        try {
            return CertificateFiles.read(tls.files(), tls.refresh(), Clock.systemUTC());
        } catch (IOException e) {
            throw new ConfigException("EDGE_TLS_CERT and EDGE_TLS_KEY cannot be used: " + e.getMessage(), e);
        }
    }

    private static TokenVerifier tokens(AuthConfig auth, @Nullable PublishedKeys keys) {
        if (auth.dev()) return new DevVerifier(new SecureRandom());
        if (keys != null) return JwtVerifier.withKeys(keys, auth.rules());
        return JwtVerifier.withSecret(Objects.requireNonNull(auth.jwtSecret()), auth.rules());
    }

    private static String suffix(SecureRandom random) {
        var bytes = new byte[6];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static void await(BooleanSupplier condition, Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(Duration.ofMillis(10));
        }
    }
}
