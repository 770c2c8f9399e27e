package io.rejoin.edge.fanout;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.metrics.EdgeInvariant;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.resume.CatchUp;
import io.rejoin.edge.resume.HistoryReads;
import io.rejoin.edge.resume.MessageFrame;
import io.rejoin.edge.resume.Redeliveries;
import io.rejoin.edge.room.LocalRoom;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.Cork;
import io.rejoin.edge.websocket.FrameMemory;
import io.rejoin.edge.websocket.FrameWriter;
import io.rejoin.tracing.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends deliveries to the connections they are for. A frame is encoded once for all its receivers. */
public final class FanOut {
    private static final Logger log = LoggerFactory.getLogger(FanOut.class);

    private final LocalRooms rooms;
    private final Receivers receivers;
    private final BiConsumer<LocalRoom, List<Membership>> catchUp;
    private final DelayedTasks delayedTasks;
    private final LongSupplier nanoTime;
    private final Redeliveries redeliveries;
    private final FanOutMeters meters;

    /**
     * Delivers to the connections in {@code receivers}.
     *
     * @param memory the limit for pages and frames of members that catch up
     */
    public FanOut(LocalRooms rooms, Receivers receivers, HistoryReads history, FrameMemory memory,
            RandomGenerator random, FanOutMeters meters) {
        this(rooms, receivers, history, new CatchUp(history, memory, random, meters)::start,
                DelayedTasks::onVirtualThread,
                System::nanoTime, meters);
    }

    /** For tests and simulations: replaces catch-up, delayed tasks and the clock. */
    FanOut(LocalRooms rooms, Receivers receivers, HistoryReads history, BiConsumer<LocalRoom, List<Membership>> catchUp,
            DelayedTasks delayedTasks, LongSupplier nanoTime, FanOutMeters meters) {
        this.rooms = rooms;
        this.receivers = receivers;
        this.catchUp = catchUp;
        this.delayedTasks = delayedTasks;
        this.nanoTime = nanoTime;
        this.redeliveries = new Redeliveries(history);
        this.meters = meters;
    }

    /** Sends one delivery to its connections, except {@link Delivery.GivenUp}. Only one thread may call at a time. */
    public void deliver(Delivery delivery) {
        switch (delivery) {
            case Delivery.Joined joined -> deliverJoined(joined);
            case Delivery.Message message -> deliverMessage(message);
            case Delivery.Cursor cursor -> deliverCursor(cursor);
            case Delivery.Redeliver redelivery -> redeliver(redelivery);
            case Delivery.Presence presence -> deliverPresence(presence);
            case Delivery.Acked _,Delivery.Refused _,Delivery.Confirmed _,Delivery.Expired _ ->
                deliverIfPostResult(delivery);
            case Delivery.MemberList list -> deliverMemberList(list);
            case Delivery.Acknowledged acknowledged -> {
                var receiver = receivers.find(acknowledged.connection());
                if (receiver != null) receiver.answerAck(acknowledged);
            }
            case Delivery.GivenUp _ -> throw new IllegalArgumentException("for the edge itself");
        }
    }

    private void deliverJoined(Delivery.Joined joined) {
        var membership = membership(joined.connection(), joined.room());
        if (membership == null || membership.request() != joined.request()) return; // it left or joined again since
        var behind = rooms.addMember(membership, joined);
        meters.countJoinedBehind(behind.members().size());
        catchUp.accept(behind.room(), behind.members());
    }

    private void deliverMessage(Delivery.Message message) {
        var room = rooms.find(message.room());
        if (room == null) return;
        var frame = MessageFrame.of(message);
        switch (room.checkSeq(message, frame)) {
            case NEXT -> meters.recordDelivery(message.ts());
            case AHEAD -> meters.countHole();
            case REPEATED -> {
                // room.deliver() drops it
            }
            case CHANGED -> {
                meters.countBroken(EdgeInvariant.CHANGED_MESSAGE);
                log.atError().addKeyValue("room", message.room().key()).addKeyValue("epoch", message.epoch())
                        .addKeyValue("seq", message.seq())
                        .log("another message came with the seq of an earlier one; the edge drops it. Report this bug:"
                                + " routers did not agree");
            }
        }
        startCatchUp(room, room.deliver(message, frame));
    }

    private void deliverMemberList(Delivery.MemberList list) {
        var receiver = receivers.find(list.connection());
        if (receiver == null) return;
        var room = rooms.find(list.room());
        var membership = receiver.membership(list.room());
        if (room == null || membership == null) receiver.answerMemberList(list);
        else
            room.sendMemberList(membership, list);
    }

    /**
     * Ends a trace step once the delivery is written to all of its sockets. It must be the last delivery so far. Only
     * one thread may call at a time.
     */
    void endStepWhenSent(Delivery delivery, Step step) {
        switch (delivery) {
            case Delivery.Message message -> {
                var room = rooms.find(message.room());
                SendTracing.endWhenSent(step, room == null ? List.of() : room.liveReceivers());
            }
            case Delivery.Acked acked -> SendTracing.endWhenSent(step, receivers(acked.connection()));
            case Delivery.Refused refused -> SendTracing.endWhenSent(step, receivers(refused.connection()));
            case Delivery.Joined _,Delivery.Cursor _,Delivery.Acknowledged _,Delivery.Redeliver _,Delivery.Confirmed _,Delivery.Expired _,Delivery.Presence _,Delivery.MemberList _,Delivery.GivenUp _ ->
                step
                        .end();
        }
    }

    private List<Receiver> receivers(ConnectionId connection) {
        var receiver = receivers.find(connection);
        return receiver == null ? List.of() : List.of(receiver);
    }

    /** Counts a new incarnation of this edge: all members join again. */
    void countRenewal() {
        meters.countRenewal();
    }

    /** Counts a delivery that failed with an exception. */
    void countFailedDelivery() {
        meters.countBroken(EdgeInvariant.FAILED_DELIVERY);
    }

    private void startCatchUp(LocalRoom room, List<Membership> members) {
        // A connection that is closing accepts no frames either, but is not slow: it is not counted
        meters.countFellBehind((int) members.stream().filter(member -> member.receiver().isOpen()).count());
        catchUp.accept(room, members);
    }

    private void deliverPresence(Delivery.Presence presence) {
        var room = rooms.find(presence.room());
        if (room != null) handleResult(room, room.handlePresence(presence, nanoTime.getAsLong()));
    }

    private void handleResult(LocalRoom room, LocalRoom.PresenceResult result) {
        startCatchUp(room, result.behind());
        if (result.announceAfter() != null)
            delayedTasks.schedule(result.announceAfter(), () -> announcePresence(room));
    }

    private void announcePresence(LocalRoom room) {
        try {
            Cork.hold(() -> handleResult(room, room.announcePresence(nanoTime.getAsLong())));
        } catch (RuntimeException fault) {
            countFailedDelivery();
            log.atError().setCause(fault)
                    .log("sending presence failed; members get the change with the next one");
        }
    }

    /**
     * Sends a delivery if it is the result of a post, and drops it otherwise. A result stays valid even if the delivery
     * was for an earlier incarnation of this edge.
     */
    void deliverIfPostResult(Delivery delivery) {
        switch (delivery) {
            case Delivery.Acked acked -> deliverAcked(acked);
            case Delivery.Refused refused -> deliverRefused(refused);
            case Delivery.Confirmed(var room, var connection, var seq, var id, var user) ->
                reply(connection, new ServerFrame.Confirmed(room.name(), seq, FrameId.ofLoggedOrNull(id), user.name()));
            case Delivery.Expired(var room, var connection, var seq, var id, var users) -> reply(connection,
                    new ServerFrame.Expired(room.name(), seq, FrameId.ofLoggedOrNull(id),
                            users.stream().map(UserId::name).toList()));
            case Delivery.Joined _,Delivery.Message _,Delivery.Cursor _,Delivery.Acknowledged _,Delivery.Redeliver _,Delivery.Presence _,Delivery.MemberList _,Delivery.GivenUp _ -> {
                // their members have joined again since
            }
        }
    }

    private void deliverAcked(Delivery.Acked acked) {
        var poster = receivers.find(acked.connection());
        if (poster == null) return;
        var id = FrameId.ofLogged(acked.id());
        poster.answerPost(acked.room(), id, new ServerFrame.Ack(id, acked.room().name(), acked.seq(), acked.ts(),
                acked.duplicate() ? Boolean.TRUE : null));
    }

    private void deliverRefused(Delivery.Refused refused) {
        var poster = receivers.find(refused.connection());
        if (poster == null) return;
        var id = FrameId.ofLoggedOrNull(refused.id());
        poster.answerPost(refused.room(), id, refusal(refused.room(), id, refused.reason()));
    }

    private static ServerFrame.Failure refusal(RoomId room, @Nullable FrameId id, Delivery.Refusal reason) {
        return switch (reason) {
            case TOO_MANY_RECIPIENTS -> new ServerFrame.Failure(id, room.name(), ErrorCode.TOO_MANY_RECIPIENTS,
                    "more than " + Command.MAX_RECIPIENTS
                            + " users are in the room, too many to confirm a message; post it"
                            + " without \"confirm\", under another id",
                    null);
            case ID_CONFLICT -> new ServerFrame.Failure(id, room.name(), ErrorCode.ID_CONFLICT,
                    "you have posted another message with this id to this room; this message was not posted."
                            + " Give each message its own id, such as a UUID, and send this message again",
                    null);
        };
    }

    private void reply(ConnectionId connection, ServerFrame frame) {
        var receiver = receivers.find(connection);
        if (receiver != null) receiver.reply(frame);
    }

    private void deliverCursor(Delivery.Cursor cursor) {
        var room = rooms.find(cursor.room());
        if (room == null) return;
        var acknowledging = membership(cursor.by(), cursor.room());
        var frame = frame(new ServerFrame.Cursor(cursor.room().name(), cursor.seq(), cursor.epoch(), null));
        for (var member : memberships(cursor.user(), cursor.room())) {
            if (member == acknowledging) room.recordOwnCursor(member, cursor);
            else
                startCatchUp(room, room.sendCursor(member, cursor, frame));
        }
    }

    private void redeliver(Delivery.Redeliver redelivery) {
        var room = rooms.find(redelivery.room());
        if (room != null) redeliveries.send(room, memberships(redelivery.user(), redelivery.room()), redelivery);
    }

    private List<Membership> memberships(UserId user, RoomId room) {
        var found = new ArrayList<Membership>();
        for (var receiver : receivers.of(user)) {
            var membership = receiver.membership(room);
            if (membership != null) found.add(membership);
        }
        return found;
    }

    private @Nullable Membership membership(ConnectionId connection, RoomId room) {
        var receiver = receivers.find(connection);
        return receiver == null ? null : receiver.membership(room);
    }

    private static byte[] frame(ServerFrame frame) {
        return FrameWriter.text(FrameCodec.encode(frame));
    }
}
