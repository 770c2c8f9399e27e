package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/** Sends every message back. */
final class Echo implements WebSocketListener {
    private @Nullable WebSocket socket;

    @Override
    public void onOpen(WebSocket socket) {
        this.socket = socket;
    }

    @Override
    public void onText(String text) {
        reply(FrameWriter.text(text.getBytes(UTF_8)));
    }

    @Override
    public void onBinary(byte[] bytes) {
        reply(FrameWriter.binary(bytes));
    }

    @Override
    public void onClosed(boolean mayReturn) {}

    private void reply(byte[] frame) {
        if (socket != null && !socket.offerReply(frame)) socket.close(1013, "too slow");
    }
}
