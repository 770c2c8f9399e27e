package io.rejoin.edge.room;

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
public final class FakeReceiver implements Receiver {
    /** A frame takes one place, and one more for every full number of these bytes. */
    public static final int PLACE_BYTES = 10_000;

    public final ConnectionId id;
    private final Map<RoomId, Membership> memberships = new HashMap<>();
    private final List<JsonNode> received = new ArrayList<>();
    private final int capacity;
    private boolean readsAtOnce;
    private int usedPlaces;
    private final List<Runnable> whenDrained = new ArrayList<>();
    private boolean hasWaiter;
    private boolean acceptsPresenceDiffs;
    private boolean failsOnWhenSent;
    private int refreshes;
    private int outdatedLists;
    private @Nullable CloseCode closed;

    /** @param capacity the number of places in the outbox; replies always fit */
    public FakeReceiver(String id, int capacity, boolean readsAtOnce) {
        this.id = new ConnectionId(id);
        this.capacity = capacity;
        this.readsAtOnce = readsAtOnce;
    }

    public synchronized Membership addJoining(RoomId room, long request, @Nullable After after, @Nullable Long epoch) {
        return addJoining(new Membership(room, this, "ann", request, null, after, epoch));
    }

    public synchronized Membership addJoining(Membership membership) {
        memberships.put(membership.room(), membership);
        return membership;
    }

    public synchronized void removeMembership(RoomId room) {
        memberships.remove(room);
    }

    /** Reads all frames that wait now. */
    public synchronized void drain() {
        usedPlaces = 0;
        whenDrained.forEach(Runnable::run);
        whenDrained.clear();
        notifyAll();
    }

    /** Makes {@link #whenSent} throw from now on. */
    public synchronized void failOnWhenSent() {
        failsOnWhenSent = true;
    }

    /** Whether a thread waits in {@link #awaitSpace} now. */
    public synchronized boolean hasWaiter() {
        return hasWaiter;
    }

    /** Reads every frame at once from now on. */
    public synchronized void readAll() {
        readsAtOnce = true;
        drain();
    }

    public synchronized List<JsonNode> frames() {
        return List.copyOf(received);
    }

    public List<String> events() {
        return frames().stream().map(frame -> frame.get("event").textValue()).toList();
    }

    public List<Long> seqs() {
        return frames().stream().filter(frame -> frame.get("event").textValue().equals("message"))
                .map(frame -> frame.get("seq").longValue()).toList();
    }

    public List<JsonNode> of(String event) {
        return frames().stream().filter(frame -> frame.get("event").textValue().equals(event)).toList();
    }

    public synchronized @Nullable CloseCode closed() {
        return closed;
    }

    public synchronized int refreshes() {
        return refreshes;
    }

    @Override
    public synchronized boolean offer(byte[] frame) {
        if (closed != null || (!readsAtOnce && !hasSpace(frame.length))) return false;
        if (!readsAtOnce) usedPlaces += places(frame.length);
        received.add(FrameJson.of(frame));
        return true;
    }

    private static int places(int length) {
        return 1 + length / PLACE_BYTES;
    }

    private boolean hasSpace(int length) {
        return usedPlaces == 0 || usedPlaces + places(length) <= capacity;
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
    public synchronized boolean awaitSpace(int length, Duration atMost) throws InterruptedException {
        var deadline = System.nanoTime() + atMost.toNanos();
        while (closed == null && (usedPlaces > capacity / 2 || !hasSpace(length))) {
            var waitMillis = (deadline - System.nanoTime()) / 1_000_000;
            if (waitMillis <= 0) return false;
            hasWaiter = true;
            wait(waitMillis);
            hasWaiter = false;
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
    public void answerAck(Delivery.Acknowledged acknowledged) {
        reply(new ServerFrame.Cursor(acknowledged.room().name(), acknowledged.seq(), acknowledged.epoch(), null));
    }

    @Override
    public synchronized void failOutdatedList(Delivery.MemberList list) {
        outdatedLists++;
    }

    /** How often {@link #failOutdatedList(Delivery.MemberList)} was called. */
    public synchronized int outdatedLists() {
        return outdatedLists;
    }

    public FakeReceiver withPresenceDiffs() {
        acceptsPresenceDiffs = true;
        return this;
    }

    @Override
    public boolean acceptsPresenceDiffs() {
        return acceptsPresenceDiffs;
    }

    @Override
    public boolean answerMemberList(Delivery.MemberList list) {
        var names = list.members().stream().map(UserId::name).toList();
        reply(new ServerFrame.PresenceState(list.room().name(), null, names, list.count(), list.version()));
        return true;
    }

    @Override
    public synchronized void whenSent(Runnable sent) {
        if (failsOnWhenSent) throw new IllegalStateException("a bug");
        if (usedPlaces == 0) sent.run();
        else
            whenDrained.add(sent);
    }
}
