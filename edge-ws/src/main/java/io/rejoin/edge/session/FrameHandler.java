package io.rejoin.edge.session;

import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.MalformedFrameException;
import io.rejoin.contracts.client.ServerFrame;
import java.time.Clock;
import java.util.Objects;

/** Handles the frames of clients: checks each frame and turns it into a command or an answer. */
public final class FrameHandler {
    private final Posts posts;
    private final Memberships memberships;
    private final TokenRefresh tokenRefresh;
    private final Clock clock;
    private final int roomsPerConnection;
    private final boolean direct;
    private final NewRoomLimit newRooms;

    /** @param direct whether each connection automatically joins the personal room of its user */
    public FrameHandler(Posts posts, Memberships memberships, TokenRefresh tokenRefresh, Clock clock,
            int roomsPerConnection, boolean direct, NewRoomLimit newRooms) {
        this.posts = posts;
        this.memberships = memberships;
        this.tokenRefresh = tokenRefresh;
        this.clock = clock;
        this.roomsPerConnection = roomsPerConnection;
        this.direct = direct;
        this.newRooms = newRooms;
    }

    /**
     * Starts a connection with what its URL asks for. A guest gets no personal room, because each guest would leave one
     * behind that is never removed.
     */
    void onOpened(Session session, ConnectionOptions options) {
        if (direct && options.direct() && !session.principal().guest()) memberships.joinPersonal(session);
        if (options.join() != null) join(session, options.join());
    }

    /** Handles a text message from the client, on the connection's reader thread. */
    void handle(Session session, String text) {
        try {
            handle(session, FrameCodec.decode(text), text.length());
        } catch (MalformedFrameException e) {
            session.fail(e.id(), null, e.code(), Objects.requireNonNull(e.getMessage()));
        }
    }

    private void handle(Session session, ClientFrame frame, int length) {
        switch (frame) {
            case ClientFrame.Join join -> join(session, join);
            case ClientFrame.Leave leave -> {
                if (RoomAccess.validRoom(session, leave.room(), leave.id()) != null) memberships.leave(session, leave);
            }
            case ClientFrame.Message message -> posts.post(session, message, length);
            case ClientFrame.Ack ack -> posts.acknowledge(session, ack);
            case ClientFrame.Presence presence -> {
                var room = RoomAccess.joinedRoom(session, presence.room(), presence.id());
                if (room != null) memberships.requestMemberList(session, room, presence.id());
            }
            case ClientFrame.Refresh refresh -> tokenRefresh.refresh(session, refresh);
            case ClientFrame.Ping ping -> session.reply(new ServerFrame.Pong(ping.id(),
                    ping.ts() != null ? ping.ts() : new JsonText(Long.toString(clock.millis()))));
        }
    }

    private void join(Session session, ClientFrame.Join join) {
        var room = RoomAccess.joinableRoom(session, join);
        if (room == null) return;
        if (room.isPersonal() || session.membership(room) != null || mayJoinAnotherRoom(session, room, join)) {
            memberships.join(session, join);
        }
    }

    private boolean mayJoinAnotherRoom(Session session, RoomId room, ClientFrame.Join join) {
        if (session.sharedRooms().size() >= roomsPerConnection) {
            session.fail(join.id(), room.name(), ErrorCode.TOO_MANY_ROOMS,
                    "a connection may be in at most " + roomsPerConnection + " rooms; leave one first");
            return false;
        }
        if (memberships.hasMember(room)) return true;
        var wait = newRooms.acquire(session, System.nanoTime());
        if (wait.isZero()) return true;
        session.fail(join.id(), room.name(), ErrorCode.TOO_MANY_NEW_ROOMS,
                "this connection, or its user, joins new rooms too fast; join this one again later", wait);
        return false;
    }
}
