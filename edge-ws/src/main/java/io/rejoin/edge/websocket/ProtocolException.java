package io.rejoin.edge.websocket;

import io.rejoin.contracts.client.CloseCode;

/** What the peer sent breaks RFC 6455 or a limit; the connection is to be closed with the code (section 7.1.7). */
final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    private final CloseCode closeCode;

    /** @param message what is wrong, as the peer's developer should read it in the close frame */
    ProtocolException(CloseCode closeCode, String message) {
        super(message, null, false, false); // no stack trace: a hostile peer would make them by the thousand
        this.closeCode = closeCode;
    }

    CloseCode closeCode() {
        return closeCode;
    }
}
