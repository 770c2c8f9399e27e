package io.rejoin.edge.fanout;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.websocket.FrameWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plays a client with an outbox of a few places, which it reads on {@link #drain}. A large frame takes several places.
 */
final class FakeReceiver implements Receiver {
    /** A frame takes one place, and one more for every full number of these bytes. */
    static final int PLACE_BYTES = 10_000;

    final ConnectionId id;
    private final Map<RoomId, Membership> memberships = new HashMap<>();
    private final List<JsonNode> received = new ArrayList<>();
    private final int capacity;
    private boolean reads;
    private int waiting;
    private final List<Runnable> whenDrained = new ArrayList<>();
    private boolean hasWaiters;
    private boolean takesPresenceDiffs;
    private boolean failsWhenAsked;
    private int refreshes;
    private int failOutdatedList;
    private @Nullable CloseCode closed;

    /** @param capacity the number of places in the outbox; replies always fit */
    FakeReceiver(String id, int capacity, boolean reads) {
        this.id = new ConnectionId(id);
        this.capacity = capacity;
        this.reads = reads;
    }

    synchronized Membership joining(RoomId room, long request, @Nullable After after, @Nullable Long epoch) {
        return joining(new Membership(room, this, "ann", request, null, after, epoch));
    }

    synchronized Membership joining(Membership membership) {
        memberships.put(membership.room(), membership);
        return membership;
    }

    synchronized void forget(RoomId room) {
        memberships.remove(room);
    }

    /** Reads all frames that wait now. */
    synchronized void drain() {
        waiting = 0;
        whenDrained.forEach(Runnable::run);
        whenDrained.clear();
        notifyAll();
    }

    /** Makes {@link #whenSent} throw from now on. */
    synchronized void failsWhenAsked() {
        failsWhenAsked = true;
    }

    /** Whether a thread waits in {@link #awaitRoom} now. */
    synchronized boolean hasWaiters() {
        return hasWaiters;
    }

    /** Reads every frame at once from now on. */
    synchronized void readsFromNowOn() {
        reads = true;
        drain();
    }

    synchronized List<JsonNode> frames() {
        return List.copyOf(received);
    }

    List<String> events() {
        return frames().stream().map(frame -> frame.get("event").textValue()).toList();
    }

    List<Long> seqs() {
        return frames().stream().filter(frame -> frame.get("event").textValue().equals("message"))
                .map(frame -> frame.get("seq").longValue()).toList();
    }

    List<JsonNode> of(String event) {
        return frames().stream().filter(frame -> frame.get("event").textValue().equals(event)).toList();
    }

    synchronized @Nullable CloseCode closed() {
        return closed;
    }

    synchronized int refreshes() {
        return refreshes;
    }

    @Override
    public synchronized boolean offer(byte[] frame) {
        if (closed != null || (!reads && !hasRoom(frame.length))) return false;
        if (!reads) waiting += places(frame.length);
        received.add(FrameJson.of(frame));
        return true;
    }

    private static int places(int length) {
        return 1 + length / PLACE_BYTES;
    }

    private boolean hasRoom(int length) {
        return waiting == 0 || waiting + places(length) <= capacity;
    }

    @Override
    public synchronized void reply(ServerFrame frame) {
        if (closed == null) received.add(FrameJson.of(FrameWriter.text(FrameCodec.encode(frame))));
    }

    @Override
    public void answerPost(RoomId room, @Nullable FrameId postId, ServerFrame answer) {
        reply(answer);
    }

    @Override
    public synchronized boolean awaitRoom(int length, Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        while (closed == null && (waiting > capacity / 2 || !hasRoom(length))) {
            var left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) return false;
            hasWaiters = true;
            wait(left);
            hasWaiters = false;
        }
        return closed == null;
    }

    @Override
    public synchronized void close(CloseCode code, String reason) {
        if (closed == null) closed = code;
        notifyAll();
    }

    @Override
    public synchronized boolean isOpen() {
        return closed == null;
    }

    @Override
    public synchronized @Nullable Membership membership(RoomId room) {
        return memberships.get(room);
    }

    @Override
    public synchronized void refreshPresence(Membership membership) {
        refreshes++;
    }

    @Override
    public void acknowledged(Delivery.Acknowledged acknowledged) {
        reply(new ServerFrame.Cursor(acknowledged.room().name(), acknowledged.seq(), acknowledged.epoch(), null));
    }

    @Override
    public synchronized void failOutdatedList(Delivery.MemberList list) {
        failOutdatedList++;
    }

    /** How often {@link #failOutdatedList(Delivery.MemberList)} was called. */
    synchronized int failOutdatedList() {
        return failOutdatedList;
    }

    FakeReceiver withPresenceDiffs() {
        takesPresenceDiffs = true;
        return this;
    }

    @Override
    public boolean takesPresenceDiffs() {
        return takesPresenceDiffs;
    }

    @Override
    public boolean listed(Delivery.MemberList list) {
        var names = list.members().stream().map(UserId::name).toList();
        reply(new ServerFrame.PresenceState(list.room().name(), null, names, list.count(), list.version()));
        return true;
    }

    @Override
    public synchronized void whenSent(Runnable sent) {
        if (failsWhenAsked) throw new IllegalStateException("a bug");
        if (waiting == 0) sent.run();
        else
            whenDrained.add(sent);
    }
}
