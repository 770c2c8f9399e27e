package io.rejoin.edge.websocket;

/**
 * What a connection tells its owner, one call after the other, on the connection's reading thread: while a call blocks nothing
 * more is read from this client. A call that throws closes the connection with 1011.
 */
public interface WebSocketListener {
    /** The upgrade is answered; the first call, unless the connection broke before. */
    void onOpen(WebSocket socket);

    /** A whole text message, valid UTF-8. Not called once closing has begun. */
    void onText(String text);

    /** A whole binary message, the listener's to keep. Not called once closing has begun. */
    void onBinary(byte[] bytes);

    /**
     * The connection is over: closed by either side, lost, or never opened after {@code accept}. The last call, exactly once.
     *
     * @param broke whether the client may be about to come back: the connection was lost, the page reloads, or the server sent
     *              the client away. False when the client said goodbye, or was refused for good
     */
    void onClosed(boolean broke);
}
