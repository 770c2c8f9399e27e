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
 * Where clients connect: {@code /}, {@code /ws} and {@code /ws/{room}}. Whom it lets in is decided before the upgrade, and
 * refused as HTTP: 400 for a query that makes no sense, 401 without a token that holds, 403 for a page or a room that is not
 * allowed, 404 elsewhere, 503 when full or cut off.
 */
public final class Endpoint implements WebSocketEndpoint {
    /** So many comings and goings may wait for Kafka; then nobody is let in who would add to them. */
    private static final int MOST_OWED = 50_000;

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
        var connected = judge(request);
        refuse(sessions.places().take(connected.principal.user()));
        return connected;
    }

    /**
     * Judges a request as {@link #accept} would, for one who only asks: nothing is opened, and nothing is owed.
     *
     * @throws RequestRefused when {@code accept} would throw it at this moment
     */
    public void check(UpgradeRequest request) throws RequestRefused {
        refuse(sessions.places().ask(judge(request).principal.user()));
    }

    /** Without a place as yet. */
    private Connected judge(UpgradeRequest request) throws RequestRefused {
        if (drain.isUnderWay())
            throw new RequestRefused(RefusalCode.DRAINING,
                    "this server takes nobody in, for it goes away or was drained; another one does");
        var wanted = OnOpen.of(request);
        if (!origins.permits(request.header("Origin")))
            throw new RequestRefused(RefusalCode.ORIGIN_NOT_ALLOWED, "pages of this origin may not connect");
        var principal = principal(request);
        if (wanted.join() != null) check(principal, wanted.join().room());
        if (memberships.owed() > MOST_OWED)
            throw new RequestRefused(RefusalCode.UNAVAILABLE, "this server cannot reach its log at the moment");
        return new Connected(principal, wanted);
    }

    private void refuse(@Nullable RefusalCode noPlace) throws RequestRefused {
        if (noPlace == null) return;
        throw new RequestRefused(noPlace, noPlace == RefusalCode.TOO_MANY_CONNECTIONS
                ? "this user has " + sessions.places().mostPerUser() + " connections here, the most there may be"
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

    /** A page cannot set headers: it offers its token as a subprotocol, or, where logs may hold it, in the URL. */
    private static @Nullable String tokenOfPage(UpgradeRequest request) throws RequestRefused {
        var offered = request.subprotocolToken();
        return offered != null ? offered : request.query("token");
    }

    private static void check(Principal principal, String room) throws RequestRefused {
        try {
            if (principal.mayJoin(Targets.named(principal.user(), room))) return;
        } catch (IllegalArgumentException e) {
            throw new RequestRefused(RefusalCode.INVALID_ROOM, Objects.requireNonNull(e.getMessage()));
        }
        throw new RequestRefused(RefusalCode.FORBIDDEN, "the token does not grant this room");
    }

    private ConnectionId drawId() {
        var bytes = new byte[12];
        random.nextBytes(bytes);
        return new ConnectionId(HexFormat.of().formatHex(bytes));
    }

    /** One connection, from its upgrade to its end. */
    private final class Connected implements WebSocketListener {
        private final Principal principal;
        private final OnOpen wanted;
        private @Nullable Session session;

        Connected(Principal principal, OnOpen wanted) {
            this.principal = principal;
            this.wanted = wanted;
        }

        @Override
        public void onOpen(WebSocket socket) {
            var opened = new Session(drawId(), principal, socket, memberships, meters,
                    wanted.presenceDiffs());
            session = opened;
            sessions.opened(opened);
            opened.reply(
                    new ServerFrame.Welcome(opened.id().value(), opened.user().name(), heartbeat.toMillis(), limits,
                            principal.expiresMs()));
            frames.opened(opened, wanted);
            if (drain.isUnderWay()) drain.sendAway(opened); // it was let in before, and opened after, the others were sent away
        }

        @Override
        public void onText(String text) {
            frames.handle(Objects.requireNonNull(session), text);
        }

        @Override
        public void onBinary(byte[] bytes) {
            Objects.requireNonNull(session).close(CloseCode.UNSUPPORTED_DATA, "frames are JSON text");
        }

        @Override
        public void onClosed(boolean broke) {
            sessions.places().giveBack(principal.user());
            if (session != null) sessions.ended(session, broke);
        }
    }
}
