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

    private final Rooms rooms;
    private final Receivers receivers;
    private final BiConsumer<Room, List<Membership>> catchUp;
    private final DelayedTasks later;
    private final LongSupplier nanoTime;
    private final Redeliveries redeliveries;
    private final FanOutMeters meters;

    /**
     * Delivers to the connections in {@code receivers}.
     *
     * @param memory the limit for pages and frames of members that catch up
     */
    public FanOut(Rooms rooms, Receivers receivers, HistoryReads history, FrameMemory memory, RandomGenerator random,
            FanOutMeters meters) {
        this(rooms, receivers, history, new CatchUp(history, memory, random, meters)::start,
                DelayedTasks::onVirtualThread,
                System::nanoTime, meters);
    }

    /** For tests and simulations: replaces catch-up, delayed tasks and the clock. */
    FanOut(Rooms rooms, Receivers receivers, HistoryReads history, BiConsumer<Room, List<Membership>> catchUp,
            DelayedTasks later, LongSupplier nanoTime, FanOutMeters meters) {
        this.rooms = rooms;
        this.receivers = receivers;
        this.catchUp = catchUp;
        this.later = later;
        this.nanoTime = nanoTime;
        this.redeliveries = new Redeliveries(history);
        this.meters = meters;
    }

    /** Sends one delivery to its connections, except {@link Delivery.GivenUp}. Only one thread may call at a time. */
    public void deliver(Delivery delivery) {
        switch (delivery) {
            case Delivery.Joined joined -> joined(joined);
            case Delivery.Message message -> message(message);
            case Delivery.Cursor cursor -> cursor(cursor);
            case Delivery.Redeliver again -> redeliver(again);
            case Delivery.Presence presence -> presence(presence);
            case Delivery.Acked _,Delivery.Refused _,Delivery.Confirmed _,Delivery.Expired _ -> deliverLate(delivery);
            case Delivery.MemberList list -> listed(list);
            case Delivery.Acknowledged acknowledged -> {
                var receiver = receivers.find(acknowledged.connection());
                if (receiver != null) receiver.acknowledged(acknowledged);
            }
            case Delivery.GivenUp _ -> throw new IllegalArgumentException("for the edge itself");
        }
    }

    private void joined(Delivery.Joined joined) {
        var membership = membership(joined.connection(), joined.room());
        if (membership == null || membership.request() != joined.request()) return; // it left or joined again since
        var behind = rooms.joined(membership, joined);
        meters.joinedBehind(behind.members().size());
        catchUp.accept(behind.room(), behind.members());
    }

    private void message(Delivery.Message message) {
        var room = rooms.find(message.room());
        if (room == null) return;
        var frame = MessageFrame.of(message);
        switch (room.fit(message, frame)) {
            case NEXT -> meters.delivered(message.ts());
            case AHEAD -> meters.hole();
            case REPEATED -> {
                // room.message() drops it
            }
            case CHANGED -> {
                meters.broken(EdgeInvariant.CHANGED_MESSAGE);
                log.atError().addKeyValue("room", message.room().key()).addKeyValue("epoch", message.epoch())
                        .addKeyValue("seq", message.seq())
                        .log("another message came with the seq of an earlier one; the edge drops it. Report this bug:"
                                + " routers did not agree");
            }
        }
        fellBehind(room, room.message(message, frame));
    }

    private void listed(Delivery.MemberList list) {
        var receiver = receivers.find(list.connection());
        if (receiver == null) return;
        var room = rooms.find(list.room());
        var membership = receiver.membership(list.room());
        if (room == null || membership == null) receiver.listed(list);
        else
            room.listed(membership, list);
    }

    /**
     * Ends a trace step once the delivery is written to all of its sockets. It must be the last delivery so far. Only
     * one thread may call at a time.
     */
    void endWhenSent(Delivery delivery, Step step) {
        switch (delivery) {
            case Delivery.Message message -> {
                var room = rooms.find(message.room());
                LastSocket.end(step, room == null ? List.of() : room.live());
            }
            case Delivery.Acked acked -> LastSocket.end(step, known(acked.connection()));
            case Delivery.Refused refused -> LastSocket.end(step, known(refused.connection()));
            case Delivery.Joined _,Delivery.Cursor _,Delivery.Acknowledged _,Delivery.Redeliver _,Delivery.Confirmed _,Delivery.Expired _,Delivery.Presence _,Delivery.MemberList _,Delivery.GivenUp _ ->
                step
                        .end();
        }
    }

    private List<Receiver> known(ConnectionId connection) {
        var receiver = receivers.find(connection);
        return receiver == null ? List.of() : List.of(receiver);
    }

    /** Counts a new incarnation of this edge: all members join again. */
    void renewed() {
        meters.renewed();
    }

    /** Counts a delivery that failed with an exception. */
    void failed() {
        meters.broken(EdgeInvariant.FAILED_DELIVERY);
    }

    private void fellBehind(Room room, List<Membership> members) {
        // A connection that is closing accepts no frames either, but is not slow: it is not counted
        meters.fellBehind((int) members.stream().filter(member -> member.receiver().isOpen()).count());
        catchUp.accept(room, members);
    }

    private void presence(Delivery.Presence presence) {
        var room = rooms.find(presence.room());
        if (room != null) told(room, room.presence(presence, nanoTime.getAsLong()));
    }

    private void told(Room room, Room.PresenceResult told) {
        fellBehind(room, told.behind());
        if (told.next() != null) later.run(told.next(), () -> presenceDue(room));
    }

    private void presenceDue(Room room) {
        try {
            Cork.hold(() -> told(room, room.presenceDue(nanoTime.getAsLong())));
        } catch (RuntimeException fault) {
            failed();
            log.atError().setCause(fault)
                    .log("sending presence failed; members get the change with the next one");
        }
    }

    /**
     * Sends a delivery that was for an earlier incarnation of this edge. The result of a post stays valid, so its
     * poster still receives it. All other deliveries are dropped.
     */
    void deliverLate(Delivery delivery) {
        switch (delivery) {
            case Delivery.Acked acked -> acked(acked);
            case Delivery.Refused refused -> refused(refused);
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

    private void acked(Delivery.Acked acked) {
        var poster = receivers.find(acked.connection());
        if (poster == null) return;
        var id = FrameId.ofLogged(acked.id());
        poster.answerPost(acked.room(), id, new ServerFrame.Ack(id, acked.room().name(), acked.seq(), acked.ts(),
                acked.duplicate() ? Boolean.TRUE : null));
    }

    private void refused(Delivery.Refused refused) {
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

    private void cursor(Delivery.Cursor moved) {
        var room = rooms.find(moved.room());
        if (room == null) return;
        var acknowledged = membership(moved.by(), moved.room());
        var frame = frame(new ServerFrame.Cursor(moved.room().name(), moved.seq(), moved.epoch(), null));
        for (var member : memberships(moved.user(), moved.room())) {
            if (member == acknowledged) room.acknowledged(member, moved);
            else
                fellBehind(room, room.cursor(member, moved, frame));
        }
    }

    private void redeliver(Delivery.Redeliver again) {
        var room = rooms.find(again.room());
        if (room != null) redeliveries.send(room, memberships(again.user(), again.room()), again);
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
