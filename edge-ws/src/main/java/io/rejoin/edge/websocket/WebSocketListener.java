package io.rejoin.edge.websocket;

/**
 * Receives the events of one connection. Calls come one after another on the connection's reader thread. Only
 * {@link #onClosed} may come on another thread, and only for a connection that never opened. While a call blocks,
 * nothing more is read from this client. A call that throws closes the connection with 1011.
 */
public interface WebSocketListener {
    /** The connection is open. The first call, unless the connection is lost before. */
    void onOpen(WebSocket socket);

    /** A complete text message, valid UTF-8. Not called once closing has begun. */
    void onText(String text);

    /** A complete binary message. The listener may keep the array. Not called once closing has begun. */
    void onBinary(byte[] bytes);

    /**
     * The connection is over: closed by either side, lost, or never opened after {@code accept}. The last call, exactly
     * once.
     *
     * @param mayReturn whether the client may soon come back: the connection was lost, the page reloads, or the server
     *              asked the client to reconnect. False when the client closed normally, or when the server refused it
     *              permanently
     */
    void onClosed(boolean mayReturn);
}
