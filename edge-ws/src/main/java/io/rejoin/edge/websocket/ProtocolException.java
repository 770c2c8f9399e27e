package io.rejoin.edge.websocket;

import io.rejoin.contracts.client.CloseCode;

/** The peer broke RFC 6455 or a limit. The connection must be closed with the given code (section 7.1.7). */
final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    private final CloseCode closeCode;

    /** @param message what is wrong, for the peer's developer: the close frame contains it */
    ProtocolException(CloseCode closeCode, String message) {
        super(message, null, false, false); // no stack trace: a hostile peer can cause thousands of these
        this.closeCode = closeCode;
    }

    CloseCode closeCode() {
        return closeCode;
    }
}
