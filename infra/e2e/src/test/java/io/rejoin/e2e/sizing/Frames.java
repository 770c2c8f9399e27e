package io.rejoin.e2e.sizing;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;

/** Measures the length of frames to clients, with names of usual length. */
final class Frames {
    /** Header bytes of a server's frame with 126 to 65,535 bytes of payload (RFC 6455, section 5.2). */
    private static final int HEADER = 4;
    private static final String ROOM = "room-of-a-team";
    private static final String USER = "somebody-1234";
    private static final long EPOCH = 1_767_225_600_000L;

    private Frames() {}

    static void measure(Found found) {
        found.bytes("edge.bytes.frame",
                length(new ServerFrame.Message(ROOM, 12_345, EPOCH, FrameId.text("0123456789ab"),
                        USER, Content.text(""), EPOCH, null)),
                "a message to a client, beside its own bytes");
        found.bytes("edge.bytes.presence",
                length(new ServerFrame.Presence(ROOM, ServerFrame.Action.JOIN, USER, 100, 1_000)),
                "a frame that tells a client that somebody came or went");
    }

    private static int length(ServerFrame frame) {
        return FrameCodec.encode(frame).length + HEADER;
    }
}
