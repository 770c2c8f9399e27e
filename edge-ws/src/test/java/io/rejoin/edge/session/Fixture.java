package io.rejoin.edge.session;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.auth.Grants;
import io.rejoin.edge.auth.InvalidTokenException;
import io.rejoin.edge.auth.OriginPolicy;
import io.rejoin.edge.auth.Principal;
import io.rejoin.edge.auth.TokenVerifier;
import io.rejoin.edge.command.CommandLog;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.tracing.Tracing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Sessions on a command log that a test can read. */
final class Fixture implements AutoCloseable {
    static final RoomId LOBBY = new RoomId("default", "lobby");
    static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_000_000), ZoneOffset.UTC);
    static final Duration CONFIRM_WITHIN = Duration.ofDays(1);
    static final int MAX_CONNECTIONS = 3;
    static final int MAX_PER_USER = 2;
    static final int MAX_ROOMS = 2;
    /** The grace period of a broken connection. */
    static final Duration GRACE = Duration.ofMillis(300);

    final FlakyProducer producer;
    final CommandLog commands;
    final EdgeIdentity identity = new EdgeIdentity("edge-1");
    final Memberships memberships;
    final Sessions sessions;
    final FrameHandler frames;
    final MeterRegistry registry = new SimpleMeterRegistry();
    final SessionMeters meters = new SessionMeters(registry);
    final Drain drain;
    final NewRoomLimit newRooms = new NewRoomLimit(1_000, 1_000);
    /** The valid tokens and their principals. The token "later" cannot be verified now. */
    final Map<String, Principal> tokens = new HashMap<>();

    Fixture() {
        this(0, 0);
    }

    /** A fixture with the given grace period for broken connections. */
    Fixture(Duration grace) {
        this(0, 0, grace, MAX_CONNECTIONS);
    }

    Fixture(long seed, int failuresInTen) {
        this(seed, failuresInTen, GRACE, MAX_CONNECTIONS);
    }

    /** A fixture with the given limit of connections. */
    Fixture(int connections) {
        this(0, 0, GRACE, connections);
    }

    private Fixture(long seed, int failuresInTen, Duration grace, int connections) {
        producer = new FlakyProducer(seed, failuresInTen);
        commands = new CommandLog(producer, TopicNames.PLAIN.commands(), 1, _ -> {});
        memberships = new Memberships(commands, identity, new LocalRooms(1_000_000), new Random(seed), grace);
        sessions = new Sessions(new ConnectionLimits(connections, Math.max(MAX_PER_USER, connections - 1)),
                memberships);
        frames = new FrameHandler(new Posts(commands, identity, CONFIRM_WITHIN, Tracing.off()), memberships,
                new TokenRefresh((token, _) -> verify(token), memberships), CLOCK, MAX_ROOMS, true, newRooms);
        drain = new Drain(sessions, Duration.ZERO, new Random(seed));
    }

    Endpoint endpoint(TokenVerifier tokens, OriginPolicy origins) {
        return new Endpoint(tokens, origins, sessions, memberships, frames, new Random(1), Duration.ofSeconds(25),
                new ServerFrame.Limits(65_536, MAX_ROOMS), drain, meters);
    }

    Session session(FakeSocket socket) {
        return session(socket, new Grants(List.of("lobby", "team-*")), null);
    }

    Session session(FakeSocket socket, Grants grants, @Nullable Long expiresMs) {
        var principal = new Principal(new UserId("default", "ann"), grants, expiresMs);
        var session = new Session(new ConnectionId("c1"), principal, socket, memberships, meters, false);
        sessions.add(session);
        return session;
    }

    private Principal verify(@Nullable String token) throws InvalidTokenException {
        if ("later".equals(token)) throw InvalidTokenException.temporary("there are no keys yet");
        var principal = tokens.get(token);
        if (principal == null) throw new InvalidTokenException("the token is not valid");
        return principal;
    }

    /** Whether the connection is in the room after all commands in the log. */
    boolean isMember(RoomId room) {
        var member = false;
        for (var command : producer.log()) {
            switch (command) {
                case Command.Join join when join.room().equals(room) -> member = true;
                case Command.Leave leave when leave.room().equals(room) -> member = false;
                default -> {
                    // another room, or no change of membership
                }
            }
        }
        return member;
    }

    @Override
    public void close() {
        commands.close();
    }
}
