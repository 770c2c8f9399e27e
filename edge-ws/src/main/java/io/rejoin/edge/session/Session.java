package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.auth.Principal;
import io.rejoin.edge.metrics.SessionMeters;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.websocket.FrameWriter;
import io.rejoin.edge.websocket.WebSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection: its user, its rooms, and its open requests. The session's monitor guards the rooms and the requests.
 * A thread that holds the monitor takes no other lock, except that of a queue.
 */
final class Session implements Receiver, PendingCommandsOfConnection.CommandOwner {
    /** The message for a request that may be lost. */
    private static final String MAY_BE_LOST = "the request may be lost; send it again";
    /**
     * Marks a request that the edge itself made, for the client. The mark stands in the place of the time at which a
     * client's request was sent. The client does not know of the request, so it gets no error frame for it.
     */
    private static final long BY_THE_EDGE = 0;
    /** Why a request is refused when the command log takes nothing. */
    static final String QUEUE_FULL = "this server is overloaded; nothing was done";

    private final ConnectionId id;
    /** Replaced when the token is refreshed; the user stays the same. */
    private volatile Principal principal;
    private final WebSocket socket;
    private final Memberships memberships;
    private final SessionMeters meters;
    private final boolean presenceDiffs;
    private final Map<RoomId, Membership> byRoom = new HashMap<>();
    private final PendingRequests pendingRequests = new PendingRequests();
    private final PendingCommandsOfConnection pendingOfConnection = new PendingCommandsOfConnection();
    private final OpenPosts posts = new OpenPosts();
    private long requests;
    /** See {@link NewRoomLimit}; for the reader thread only. */
    private long newRoomsEmptyAt = System.nanoTime();
    private boolean isEnded;
    /** When the last ping was queued, by {@link System#nanoTime}; for the heartbeat's thread only. */
    private long lastPingAt = System.nanoTime();

    /** @param presenceDiffs whether the client accepts one frame for several joins and leaves */
    Session(ConnectionId id, Principal principal, WebSocket socket, Memberships memberships, SessionMeters meters,
            boolean presenceDiffs) {
        this.id = id;
        this.principal = principal;
        this.socket = socket;
        this.memberships = memberships;
        this.meters = meters;
        this.presenceDiffs = presenceDiffs;
    }

    ConnectionId id() {
        return id;
    }

    Principal principal() {
        return principal;
    }

    /** Continues under another token of the same user. */
    void setPrincipal(Principal newPrincipal) {
        principal = newPrincipal;
    }

    UserId user() {
        return principal.user();
    }

    WebSocket socket() {
        return socket;
    }

    @Override
    public PendingCommandsOfConnection pendingOfConnection() {
        return pendingOfConnection;
    }

    long newRoomsEmptyAt() {
        return newRoomsEmptyAt;
    }

    void setNewRoomsEmptyAt(long nanoTime) {
        newRoomsEmptyAt = nanoTime;
    }

    SessionMeters meters() {
        return meters;
    }

    OpenPosts posts() {
        return posts;
    }

    long lastPingAt() {
        return lastPingAt;
    }

    void ping(long now) {
        lastPingAt = now;
        socket.ping();
    }

    /** Returns a request number that is new in this session. */
    synchronized long nextRequest() {
        return ++requests;
    }

    /**
     * Runs an action under the session's monitor, so that no membership changes meanwhile. Commands that are queued in
     * the action keep the order of the membership changes.
     */
    synchronized boolean atomically(BooleanSupplier action) {
        return action.getAsBoolean();
    }

    /** Adds a membership. Returns false if the session has ended. */
    synchronized boolean add(Membership membership) {
        if (isEnded) return false;
        byRoom.put(membership.room(), membership);
        return true;
    }

    synchronized @Nullable Membership remove(RoomId room) {
        return byRoom.remove(room);
    }

    /** Removes a membership, unless another one has replaced it. */
    synchronized boolean remove(RoomId room, Membership membership) {
        return byRoom.remove(room, membership);
    }

    /** Removes a membership if this is still its latest request. Returns false otherwise. */
    synchronized boolean remove(Membership membership, long request) {
        return membership.request() == request && byRoom.remove(membership.room(), membership);
    }

    synchronized List<Membership> memberships() {
        return List.copyOf(byRoom.values());
    }

    /** The rooms that the connection is in or is joining, without personal rooms. */
    synchronized List<RoomId> sharedRooms() {
        return byRoom.keySet().stream().filter(room -> !room.isPersonal()).toList();
    }

    /** Ends the session and returns its memberships. No membership can be added afterwards. */
    synchronized List<Membership> end() {
        isEnded = true;
        var removed = List.copyOf(byRoom.values());
        byRoom.clear();
        return removed;
    }

    @Override
    public synchronized @Nullable Membership membership(RoomId room) {
        return byRoom.get(room);
    }

    /**
     * Sends a request to the routers, or reports to the client why that failed. Adding the request and queueing its
     * command happen in one step under the session's monitor. A new incarnation of the edge may begin at the same time.
     * Then either {@link #failPendingRequests} finds the request and fails it, or the command carries the new
     * incarnation.
     *
     * @param append queues the command; returns false if there is no space
     */
    void sendRequest(long request, RoomId room, @Nullable FrameId frameId, BooleanSupplier append) {
        var refusal = addRequest(request, new PendingRequests.PendingRequest(room, frameId, System.nanoTime()), append);
        if (refusal != null) fail(frameId, room.name(), ErrorCode.OVERLOADED, refusal);
    }

    private synchronized @Nullable String addRequest(long request, PendingRequests.PendingRequest pendingRequest,
            BooleanSupplier append) {
        return pendingRequests.add(request, pendingRequest, append);
    }

    /** Removes a request. Returns false if it was answered or failed already. */
    synchronized boolean cancelRequest(long request) {
        return pendingRequests.remove(request) != null;
    }

    /** Fails the requests and posts whose answers are overdue. Called periodically. */
    void failOverdue(long now) {
        fail(removeOverdueRequests(now), ErrorCode.TIMEOUT, "no answer came in time; send it again");
        posts.removeOverdue(now)
                .forEach(post -> fail(post.id(), post.room().name(), ErrorCode.TIMEOUT, Posts.UNKNOWN));
    }

    /** Fails all requests, because requests of an earlier incarnation of the edge get no answer. */
    void failPendingRequests() {
        fail(removeAllRequests(), ErrorCode.UNAVAILABLE, MAY_BE_LOST);
    }

    private synchronized List<PendingRequests.PendingRequest> removeOverdueRequests(long now) {
        return pendingRequests.removeOverdue(now);
    }

    private synchronized List<PendingRequests.PendingRequest> removeAllRequests() {
        return pendingRequests.removeAll();
    }

    private void fail(List<PendingRequests.PendingRequest> unanswered, ErrorCode code, String message) {
        unanswered
                .forEach(pendingRequest -> fail(pendingRequest.frameId(), pendingRequest.room().name(), code, message));
    }

    @Override
    public void answerAck(Delivery.Acknowledged acknowledged) {
        var pending = removeRequest(acknowledged.request());
        if (pending != null)
            reply(new ServerFrame.Cursor(acknowledged.room().name(), acknowledged.seq(),
                    acknowledged.epoch(), pending.frameId()));
    }

    private synchronized PendingRequests.@Nullable PendingRequest removeRequest(long request) {
        return pendingRequests.remove(request);
    }

    @Override
    public boolean acceptsPresenceDiffs() {
        return presenceDiffs;
    }

    @Override
    public boolean answerMemberList(Delivery.MemberList list) {
        var pending = removeRequest(list);
        if (pending == null) return false;
        var names = list.members().stream().map(UserId::name).toList();
        reply(new ServerFrame.PresenceState(list.room().name(), pending.frameId(), names, list.count(),
                list.version()));
        return true;
    }

    @Override
    public void failOutdatedList(Delivery.MemberList list) {
        var pending = removeRequest(list);
        if (pending != null && pending.sentAt() != BY_THE_EDGE)
            fail(List.of(pending), ErrorCode.UNAVAILABLE, MAY_BE_LOST);
    }

    private synchronized PendingRequests.@Nullable PendingRequest removeRequest(Delivery.MemberList list) {
        var pending = pendingRequests.remove(list.request());
        if (pending != null) return pending;
        var membership = byRoom.get(list.room());
        if (membership == null || membership.listRequest() != list.request()) return null;
        return new PendingRequests.PendingRequest(list.room(), null, BY_THE_EDGE);
    }

    @Override
    public void refreshPresence(Membership membership) {
        memberships.refreshPresence(this, membership);
    }

    @Override
    public boolean offer(byte[] frame) {
        return socket.offerMessage(frame);
    }

    @Override
    public boolean offerUnshared(byte[] frame) {
        return socket.offerUnshared(frame);
    }

    @Override
    public void reply(ServerFrame frame) {
        meters.countReply(frame);
        if (socket.offerReply(FrameWriter.text(FrameCodec.encode(frame)))) return;
        close(CloseCode.TRY_AGAIN_LATER, "the client reads too slowly: reconnect and resume");
    }

    @Override
    public void answerPost(RoomId room, @Nullable FrameId id, ServerFrame answer) {
        if (id == null) {
            reply(answer);
            return;
        }
        var postedAt = posts.answer(room, id, () -> reply(answer));
        if (postedAt == null) meters.countLateAnswer();
        else
            meters.recordAnswer(answer, Duration.ofNanos(System.nanoTime() - postedAt));
    }

    /** Reports to the client that a post was refused, or that its outcome is unknown. */
    void failPost(RoomId room, @Nullable FrameId id, ErrorCode code, String message) {
        answerPost(room, id, failure(id, room.name(), code, message));
    }

    /** Reports to the client that a frame was refused, or could not be carried out. */
    void fail(@Nullable FrameId frameId, @Nullable String room, ErrorCode code, String message) {
        reply(failure(frameId, room, code, message));
    }

    private static ServerFrame failure(@Nullable FrameId frameId, @Nullable String room, ErrorCode code,
            String message) {
        return new ServerFrame.Failure(frameId, room, code, message, code.isRetryable() ? 1_000L : null);
    }

    /** Reports a failure together with the time that the client should wait before it tries again. */
    void fail(@Nullable FrameId frameId, @Nullable String room, ErrorCode code, String message, Duration retryAfter) {
        reply(new ServerFrame.Failure(frameId, room, code, message, Math.max(1, retryAfter.toMillis())));
    }

    @Override
    public boolean awaitSpace(int length, Duration timeout) throws InterruptedException {
        return socket.awaitSpace(length, timeout);
    }

    @Override
    public void whenSent(Runnable callback) {
        socket.whenSent(callback);
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
