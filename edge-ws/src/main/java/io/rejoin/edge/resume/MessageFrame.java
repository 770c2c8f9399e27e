package io.rejoin.edge.resume;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.edge.websocket.FrameWriter;
import org.jspecify.annotations.Nullable;

/** Encodes the frame of a message. The bytes are the same whether the message was delivered or read from history. */
public final class MessageFrame {
    private MessageFrame() {}

    public static byte[] of(Delivery.Message live) {
        var message = new StoredMessage(live.seq(), live.user(), live.id(), live.content(), live.ts());
        return of(live.room(), live.epoch(), message);
    }

    public static byte[] of(RoomId room, long epoch, StoredMessage message) {
        return frame(room, epoch, message, null);
    }

    /** The frame of a redelivered message. */
    static byte[] ofRedelivered(RoomId room, long epoch, StoredMessage message) {
        return frame(room, epoch, message, true);
    }

    private static byte[] frame(RoomId room, long epoch, StoredMessage message, @Nullable Boolean redelivered) {
        return FrameWriter.text(FrameCodec.encode(new ServerFrame.Message(room.name(), message.seq(), epoch,
                FrameId.ofLoggedOrNull(message.id()), message.user().name(), message.content(), message.ts(),
                redelivered, message.erased())));
    }
}
