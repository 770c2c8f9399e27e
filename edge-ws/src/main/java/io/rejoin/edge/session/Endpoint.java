package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.auth.InvalidTokenException;
import io.rejoin.edge.auth.OriginPolicy;
import io.rejoin.edge.auth.Principal;
import io.rejoin.edge.auth.TokenVerifier;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.edge.websocket.UpgradeRequest;
import io.rejoin.edge.websocket.WebSocket;
import io.rejoin.edge.websocket.WebSocketEndpoint;
import io.rejoin.edge.websocket.WebSocketListener;
import io.rejoin.listener.http.RequestRefused;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Accepts the connections of clients at {@code /}, {@code /ws} and {@code /ws/{room}}. Refusals are decided before the
 * upgrade and sent as HTTP errors: 400 for an invalid query, 401 for a missing or invalid token, 403 for a page or a
 * room that is not allowed, 404 for another path, 429 for too many connections of one user, 503 when the edge is full,
 * drained, or cannot reach its log.
 */
public final class Endpoint implements WebSocketEndpoint {
    /** While more than this many commands wait for Kafka, no client is admitted, because each client adds more. */
    private static final int MAX_PENDING_COMMANDS = 50_000;

    private final TokenVerifier tokens;
    private final OriginPolicy origins;
    private final Sessions sessions;
    private final Memberships memberships;
    private final FrameHandler frames;
    private final RandomGenerator random;
    private final Duration heartbeat;
    private final ServerFrame.Limits limits;
    private final Drain drain;
    private final SessionMeters meters;

    public Endpoint(TokenVerifier tokens, OriginPolicy origins, Sessions sessions, Memberships memberships,
            FrameHandler frames, RandomGenerator random, Duration heartbeat, ServerFrame.Limits limits,
            Drain drain, SessionMeters meters) {
        this.tokens = tokens;
        this.origins = origins;
        this.sessions = sessions;
        this.memberships = memberships;
        this.frames = frames;
        this.random = random;
        this.heartbeat = heartbeat;
        this.limits = limits;
        this.drain = drain;
        this.meters = meters;
    }

    @Override
    public WebSocketListener accept(UpgradeRequest request) throws RequestRefused {
        var listener = admit(request);
        refuse(sessions.connectionLimits().acquire(listener.principal.user()));
        return listener;
    }

    /**
     * Checks a request like {@link #accept}, without opening a connection or taking a slot.
     *
     * @throws RequestRefused when {@code accept} would throw it at this moment
     */
    public void check(UpgradeRequest request) throws RequestRefused {
        refuse(sessions.connectionLimits().check(admit(request).principal.user()));
    }

    /** Checks a request, except for a free slot. */
    private ConnectionListener admit(UpgradeRequest request) throws RequestRefused {
        if (drain.isDraining())
            throw new RequestRefused(RefusalCode.DRAINING,
                    "this server is stopping or drained, and accepts no clients; another server does");
        var options = ConnectionOptions.of(request);
        if (!origins.permits(request.header("Origin")))
            throw new RequestRefused(RefusalCode.ORIGIN_NOT_ALLOWED, "pages of this origin may not connect");
        var principal = principal(request);
        if (options.join() != null) checkRoom(principal, options.join().room());
        if (memberships.pendingCommands() > MAX_PENDING_COMMANDS)
            throw new RequestRefused(RefusalCode.UNAVAILABLE, "this server cannot write to Kafka now");
        return new ConnectionListener(principal, options);
    }

    private void refuse(@Nullable RefusalCode refusal) throws RequestRefused {
        if (refusal == null) return;
        throw new RequestRefused(refusal, refusal == RefusalCode.TOO_MANY_CONNECTIONS
                ? "this user has " + sessions.connectionLimits().maxPerUser()
                        + " connections here, which is the maximum"
                : "this server is full");
    }

    private Principal principal(UpgradeRequest request) throws RequestRefused {
        var header = request.header("Authorization");
        var bearer = header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
                ? header.substring(7).strip()
                : null;
        try {
            return tokens.verify(bearer != null ? bearer : tokenOfPage(request), request.query("name"));
        } catch (InvalidTokenException e) {
            throw new RequestRefused(e.code(), Objects.requireNonNull(e.getMessage()));
        }
    }

    /**
     * The token of a page, which cannot set headers. The page offers it as a subprotocol, or in the URL, which logs may
     * contain.
     */
    private static @Nullable String tokenOfPage(UpgradeRequest request) throws RequestRefused {
        var offered = request.subprotocolToken();
        return offered != null ? offered : request.query("token");
    }

    private static void checkRoom(Principal principal, String room) throws RequestRefused {
        try {
            if (principal.mayJoin(RoomAccess.resolve(principal.user(), room))) return;
        } catch (IllegalArgumentException e) {
            throw new RequestRefused(RefusalCode.INVALID_ROOM, Objects.requireNonNull(e.getMessage()));
        }
        throw new RequestRefused(RefusalCode.FORBIDDEN, "the token does not grant this room");
    }

    private ConnectionId newId() {
        var bytes = new byte[12];
        random.nextBytes(bytes);
        return new ConnectionId(HexFormat.of().formatHex(bytes));
    }

    /** The listener of one connection, from its upgrade to its end. */
    private final class ConnectionListener implements WebSocketListener {
        private final Principal principal;
        private final ConnectionOptions options;
        private @Nullable Session session;

        ConnectionListener(Principal principal, ConnectionOptions options) {
            this.principal = principal;
            this.options = options;
        }

        @Override
        public void onOpen(WebSocket socket) {
            var opened = new Session(newId(), principal, socket, memberships, meters,
                    options.presenceDiffs());
            session = opened;
            sessions.add(opened);
            opened.reply(
                    new ServerFrame.Welcome(opened.id().value(), opened.user().name(), heartbeat.toMillis(), limits,
                            principal.expiresMs()));
            frames.onOpened(opened, options);
            // Accepted before the drain, opened after its plan was made
            if (drain.isDraining()) drain.closeAfterPosts(opened);
        }

        @Override
        public void onText(String text) {
            frames.handle(Objects.requireNonNull(session), text);
        }

        @Override
        public void onBinary(byte[] bytes) {
            Objects.requireNonNull(session).close(CloseCode.UNSUPPORTED_DATA, "frames must be JSON text");
        }

        @Override
        public void onClosed(boolean mayReturn) {
            sessions.connectionLimits().release(principal.user());
            if (session != null) sessions.end(session, mayReturn);
        }
    }
}
