package io.rejoin.simulation;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.edge.auth.DevVerifier;
import io.rejoin.edge.auth.OriginPolicy;
import io.rejoin.edge.fanout.FanOutInSteps;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.session.ConnectionLimits;
import io.rejoin.edge.session.Drain;
import io.rejoin.edge.session.Endpoint;
import io.rejoin.edge.session.FrameHandler;
import io.rejoin.edge.session.Memberships;
import io.rejoin.edge.session.NewRoomLimit;
import io.rejoin.edge.session.Posts;
import io.rejoin.edge.session.Sessions;
import io.rejoin.edge.session.TokenRefresh;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.edge.websocket.WebSocketListener;
import io.rejoin.link.Frame;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.tracing.Tracing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An edge: the service's own parts between a model of Kafka and one of sockets. A crashed edge never runs again; a new
 * one replaces it.
 */
final class EdgeProcess {
    /** The edge's metrics, which nothing reads here. */
    private static final MeterRegistry UNREAD = new SimpleMeterRegistry();
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    /** Any value will do: the seed decides when a delayed task runs. */
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int MAX = 1_000;
    /**
     * Time that passes between two reads of the stopwatch. It is short enough that some joins and leaves share one
     * presence diff.
     */
    private static final Duration STEP = Duration.ofMillis(60);

    private final Kafka kafka;
    private final RandomGenerator random;
    private final Trace trace;
    private final Bug bug;
    private final EdgeIdentity identity;
    private final AppendQueue commands;
    private final FanOutInSteps fanOut;
    private final Endpoint endpoint;
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<Runnable> gone = new ArrayList<>();
    private final World world;
    private final List<Stream> streams = new ArrayList<>();
    private long stopwatch;
    private int fakeSources;
    private boolean inTheDark;
    /** The incarnation that has missed deliveries, and so ends in one of the next steps; 0 for none. */
    private long missedIn;
    private boolean stopped;
    private boolean crashed;

    EdgeProcess(String name, World world) {
        this.world = world;
        kafka = world.kafka;
        random = world.random;
        trace = world.trace;
        bug = world.plan.bug();
        identity = new EdgeIdentity(name);
        commands = new AppendQueue(kafka, random, world.plan.refuses(), LogCodec.COMMANDS_VERSION, this::tell);
        var rooms = new LocalRooms(world.plan.tailBytes());
        var memberships = new Memberships(commands, identity, rooms, random, GRACE,
                (_, task) -> waiting.add(task));
        var sessions = new Sessions(new ConnectionLimits(MAX, MAX), memberships);
        fanOut = new FanOutInSteps(identity, rooms, sessions, world::readHistory, (_, task) -> waiting.add(task),
                () -> stopwatch += STEP.toNanos());
        var tokens = new DevVerifier(random);
        var frames = new FrameHandler(new Posts(commands, identity, world.plan.confirmWithin(), Tracing.off()),
                memberships,
                new TokenRefresh(tokens, memberships), CLOCK, MAX, true,
                new NewRoomLimit(1_000_000, 1_000_000));
        endpoint = new Endpoint(tokens, OriginPolicy.parse("*"), sessions, memberships, frames, random,
                Duration.ofSeconds(25), new ServerFrame.Limits(65_536, MAX),
                new Drain(sessions, Duration.ZERO, random), new SessionMeters(UNREAD));
    }

    EdgeRef ref() {
        return identity.current();
    }

    boolean isServing() {
        return !crashed && !stopped;
    }

    boolean isCrashed() {
        return crashed;
    }

    boolean isStopped() {
        return stopped;
    }

    /** Stops the process as SIGSTOP does, or continues it as SIGCONT does. */
    void stop(boolean now) {
        stopped = now;
    }

    /** Ends the process as SIGKILL does. */
    void crash() {
        crashed = true;
        commands.close();
        gone.clear();
        waiting.clear();
        streams.forEach(Stream::close);
    }

    /** From now on the edge refuses no command. */
    void calm() {
        commands.calm();
    }

    /** Opens a connection. */
    WebSocketListener connect(String user, SimulatedSocket socket) {
        try {
            var listener = endpoint.accept(new UpgradeRequest("/ws",
                    "direct=off" + (random.nextBoolean() ? "&presence=diff" : "") + "&name=" + user, _ -> List.of()));
            listener.onOpen(socket);
            return listener;
        } catch (RequestRefused e) {
            throw new Violation("the edge refuses a connection: " + e.getMessage());
        }
    }

    /** A client has lost its connection. The edge notices that in a later step. */
    void lost(SimulatedSocket socket, WebSocketListener listener) {
        if (crashed) return;
        gone.add(() -> {
            socket.lost();
            listener.onClosed(random.nextInt(4) > 0);
        });
    }

    /** Runs one random step of the edge's own work; false when that step had nothing to do. */
    boolean work() {
        if (!isServing()) return false;
        return switch (random.nextInt(8)) {
            case 0 -> noticeLost();
            case 1 -> tryAgain();
            case 2, 3 -> fanOut.catchUp(random, random.nextInt(200) == 0);
            case 4, 5 -> commands.flush();
            default -> listen();
        };
    }

    boolean failToAppend() {
        var failed = isServing() && commands.fail();
        if (failed) trace.add(() -> ref() + " does not learn the result of an append");
        return failed;
    }

    private boolean noticeLost() {
        if (gone.isEmpty()) return false;
        gone.remove(random.nextInt(gone.size())).run();
        return true;
    }

    private boolean tryAgain() {
        if (waiting.isEmpty()) return false;
        waiting.remove(random.nextInt(waiting.size())).run();
        return true;
    }

    /** The last delivery taken from each shard, in the present incarnation. */
    List<Source> positions() {
        return fanOut.positions();
    }

    /** The last delivery taken from one shard, in the present incarnation; null for none. */
    @Nullable
    Source taken(int partition) {
        return positions().stream().filter(source -> source.partition() == partition).findFirst().orElse(null);
    }

    /** Breaks a random stream; false when there is none. */
    boolean breakStream() {
        if (streams.isEmpty()) return false;
        var stream = streams.get(random.nextInt(streams.size()));
        trace.add(() -> ref() + " loses its stream from " + stream.router().name());
        stream.close();
        return true;
    }

    /**
     * Lets a day pass. An edge without a stream to some router cannot hear from that router that it was given up. After
     * a day the shards have forgotten that, so nobody can notify the edge any more. Therefore the edge ends its
     * incarnation. An edge with a stream would have got the notice within a second.
     */
    void dayPasses() {
        streams.removeIf(Stream::isBroken);
        inTheDark |= streams.size() < world.routers.size() || isGivenUp();
    }

    private boolean isGivenUp() {
        return kafka.references.stream().anyMatch(reference -> reference.shard().hasGivenUp(ref()));
    }

    private boolean listen() {
        streams.removeIf(Stream::isBroken);
        if (inTheDark) {
            trace.add(() -> ref() + " may have been given up without notice, and starts a new incarnation");
            inTheDark = false;
            fanOut.renew();
            return true;
        }
        if (missedIn == ref().incarnation() && random.nextInt(4) == 0) {
            fanOut.renew();
            return true;
        }
        var router = world.routers.get(random.nextInt(world.routers.size()));
        if (streams.stream().noneMatch(stream -> stream.router().equals(router)) && random.nextInt(4) == 0)
            return open(router);
        var busy = streams.stream().filter(stream -> !stream.isEmpty()).toList();
        if (busy.isEmpty()) return missedIn == ref().incarnation();
        var stream = busy.get(random.nextInt(busy.size()));
        for (var n = 1 + random.nextInt(4); n > 0 && !stream.isEmpty(); n--)
            take(Objects.requireNonNull(stream.next()));
        return true;
    }

    private boolean open(RouterProcess router) {
        var stream = router.open(this);
        if (stream == null) return false;
        trace.add(() -> ref() + " opens a stream from " + router.name());
        streams.add(stream);
        return true;
    }

    /**
     * Announces an appended record to a random router. A router that does not run that shard ignores the announcement.
     */
    private void tell(int partition, int offset) {
        if (offset < 0 || streams.isEmpty() || random.nextInt(8) == 0) return;
        streams.get(random.nextInt(streams.size())).tell(partition, offset);
    }

    private void take(Frame frame) {
        switch (frame) {
            case Frame.Begins(var partition, var incarnation, var after) -> {
                if (bug == Bug.EDGE_IGNORES_WHERE_STREAMS_BEGIN || !fanOut.hasGapBefore(partition, incarnation, after))
                    return;
                trace.add(() -> ref() + " has missed deliveries of shard " + partition);
                missedIn = ref().incarnation();
            }
            case Frame.Deliveries(var value, var _) -> {
                var batch = batch(value);
                fanOut.handle(bug == Bug.EDGE_WITHOUT_DROP_RULE ? neverSeen(batch) : batch);
            }
            case Frame.Ends _ -> {
                // only for the edge's report of shards without a router
            }
            case Frame.Alive _,Frame.Hello _,Frame.Positions _,Frame.Appended _ ->
                throw new IllegalStateException("unexpected frame to an edge: " + frame);
        }
    }

    private static DeliveryBatch batch(byte[] value) {
        try {
            return LogCodec.deliveries(value);
        } catch (MalformedRecordException e) {
            throw new IllegalStateException("cannot read deliveries of this simulation", e);
        }
    }

    private DeliveryBatch neverSeen(DeliveryBatch batch) {
        return new DeliveryBatch(batch.edge(), batch.incarnation(), batch.entries().stream().map(entry -> {
            var source = new Source(entry.source().partition(), ++fakeSources, 0);
            return new DeliveryBatch.Entry(source, entry.delivery());
        }).toList());
    }
}
