package io.rejoin.edge.fanout;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.websocket.FrameWriter;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Takes deliveries to the connections they are for. A frame is encoded once, however many receive it. */
public final class FanOut {
    private final Rooms rooms;
    private final Receivers receivers;
    private final BiConsumer<Room, List<Membership>> catchUp;

    public FanOut(Rooms rooms, Receivers receivers, HistoryReads history, RandomGenerator random) {
        this(rooms, receivers, new CatchUp(history, random)::start);
    }

    /** With something else to bring to the head of their room those that are behind. */
    FanOut(Rooms rooms, Receivers receivers, BiConsumer<Room, List<Membership>> catchUp) {
        this.rooms = rooms;
        this.receivers = receivers;
        this.catchUp = catchUp;
    }

    /** Delivers one, except {@link Delivery.GivenUp}, which is for the edge itself. Called by the delivery loop only. */
    void deliver(Delivery delivery) {
        switch (delivery) {
            case Delivery.Joined joined -> joined(joined);
            case Delivery.Message message -> message(message);
            case Delivery.Acked acked -> acked(acked);
            case Delivery.Presence presence -> presence(presence);
            case Delivery.MemberList list -> {
                var receiver = receivers.find(list.connection());
                if (receiver != null) receiver.listed(list);
            }
            case Delivery.GivenUp _ -> throw new IllegalArgumentException("for the edge itself");
        }
    }

    private void joined(Delivery.Joined joined) {
        var membership = membership(joined.connection(), joined.room());
        if (membership == null || membership.request() != joined.request()) return; // it left, or has joined again since
        var behind = rooms.joined(membership, joined);
        catchUp.accept(behind.room(), behind.members());
    }

    private void message(Delivery.Message message) {
        var room = rooms.find(message.room());
        if (room == null) return;
        var frame = frame(new ServerFrame.Message(message.room().name(), message.seq(), message.epoch(), message.id(),
                message.user().name(), message.content(), message.ts()));
        catchUp.accept(room, room.message(message, frame));
    }

    private void presence(Delivery.Presence presence) {
        var room = rooms.find(presence.room());
        if (room == null) return;
        var action = switch (presence.action()) {
            case JOIN -> ServerFrame.Action.JOIN;
            case LEAVE -> ServerFrame.Action.LEAVE;
        };
        var frame = frame(new ServerFrame.Presence(presence.room().name(), action, presence.user().name(),
                presence.count(), presence.version()));
        catchUp.accept(room, room.presence(frame));
    }

    /** The poster learns its seq, wherever it is by now in this edge's incarnations: an ack is true for ever. */
    void acked(Delivery.Acked acked) {
        var receiver = receivers.find(acked.connection());
        if (receiver == null) return;
        receiver.reply(new ServerFrame.Ack(acked.id(), acked.room().name(), acked.seq(), acked.ts(),
                acked.duplicate() ? Boolean.TRUE : null));
    }

    private @Nullable Membership membership(ConnectionId connection, RoomId room) {
        var receiver = receivers.find(connection);
        return receiver == null ? null : receiver.membership(room);
    }

    private static byte[] frame(ServerFrame frame) {
        return FrameWriter.text(FrameCodec.encode(frame));
    }
}
