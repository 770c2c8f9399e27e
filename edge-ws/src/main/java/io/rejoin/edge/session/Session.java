package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.auth.Principal;
import io.rejoin.edge.fanout.Membership;
import io.rejoin.edge.fanout.Receiver;
import io.rejoin.edge.websocket.FrameWriter;
import io.rejoin.edge.websocket.WebSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection: who it is, the rooms it is in, what it has asked for. Its monitor guards the latter two. */
final class Session implements Receiver {
    private static final int PENDING_LISTS = 32;

    private final ConnectionId id;
    private final Principal principal;
    private final WebSocket socket;
    private final Memberships memberships;
    private final Map<RoomId, Membership> rooms = new HashMap<>();
    /** Unanswered questions for members: request to the client's id of its frame, if it gave one. */
    private final Map<Long, Optional<String>> lists = new HashMap<>();
    private long requests;
    private boolean ended;
    /** When it was pinged last, by {@code System.nanoTime}; of the heartbeat's thread alone. */
    private long lastPing = System.nanoTime();

    Session(ConnectionId id, Principal principal, WebSocket socket, Memberships memberships) {
        this.id = id;
        this.principal = principal;
        this.socket = socket;
        this.memberships = memberships;
    }

    ConnectionId id() {
        return id;
    }

    Principal principal() {
        return principal;
    }

    UserId user() {
        return principal.user();
    }

    WebSocket socket() {
        return socket;
    }

    long lastPing() {
        return lastPing;
    }

    void ping(long now) {
        lastPing = now;
        socket.ping();
    }

    /** The room of that name, in this session's tenant. */
    RoomId room(String name) {
        return new RoomId(user().tenant(), name);
    }

    /** A number that no earlier request of this session had. */
    synchronized long nextRequest() {
        return ++requests;
    }

    /** Adds a membership unless the session has ended; a membership of the same room that was there is given back. */
    synchronized boolean add(Membership membership) {
        if (ended) return false;
        rooms.put(membership.room(), membership);
        return true;
    }

    synchronized @Nullable Membership remove(RoomId room) {
        return rooms.remove(room);
    }

    synchronized List<Membership> memberships() {
        return List.copyOf(rooms.values());
    }

    /** Ends the session: from here on no membership is added. */
    synchronized List<Membership> end() {
        ended = true;
        var last = List.copyOf(rooms.values());
        rooms.clear();
        return last;
    }

    @Override
    public synchronized @Nullable Membership membership(RoomId room) {
        return rooms.get(room);
    }

    /** Remembers a question for members; false when too many are open. */
    synchronized boolean asked(long request, @Nullable String frameId) {
        if (lists.size() >= PENDING_LISTS) return false;
        lists.put(request, Optional.ofNullable(frameId));
        return true;
    }

    /** Forgets a question that could not be put. */
    synchronized @Nullable Optional<String> withdraw(long request) {
        return lists.remove(request);
    }

    @Override
    public void listed(Delivery.MemberList list) {
        var frameId = withdraw(list.request());
        if (frameId == null) return;
        var names = list.members().stream().map(UserId::name).toList();
        reply(new ServerFrame.PresenceState(list.room().name(), frameId.orElse(null), names, list.count(),
                list.version()));
    }

    @Override
    public void refreshPresence(RoomId room) {
        memberships.list(this, room, null);
    }

    @Override
    public boolean offer(byte[] frame) {
        return socket.offerMessage(frame);
    }

    @Override
    public void reply(ServerFrame frame) {
        if (socket.offerReply(FrameWriter.text(FrameCodec.encode(frame)))) return;
        close(CloseCode.TRY_AGAIN_LATER, "too slow: reconnect and resume");
    }

    /** Tells the client that a frame was refused, or could not be carried out. */
    void fail(@Nullable String frameId, @Nullable String room, ErrorCode code, String message) {
        reply(new ServerFrame.Failure(frameId, room, code, message, code.isRetryable() ? 1_000L : null));
    }

    @Override
    public boolean awaitRoom(Duration atMost) throws InterruptedException {
        return socket.awaitRoom(atMost);
    }

    @Override
    public void close(CloseCode code, String reason) {
        socket.close(code.number(), reason);
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }
}
