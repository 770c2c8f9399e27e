package io.rejoin.contracts.client;

/** Why a connection was closed, and what the client does next. Up to 2999 the numbers are RFC 6455's and IANA's. */
public enum CloseCode {
    /** The server is going away. Reconnect with jitter, resume. */
    GOING_AWAY(1001, true),
    /** The frame or its order breaks RFC 6455. Final. */
    PROTOCOL_ERROR(1002, false),
    /** A kind of message the server does not take. Final. */
    UNSUPPORTED_DATA(1003, false),
    /** Text that is not UTF-8. Final. */
    INVALID_PAYLOAD(1007, false),
    /** Against the rules of this server. Final. */
    POLICY_VIOLATION(1008, false),
    /** A message over the limit. Final. */
    MESSAGE_TOO_BIG(1009, false),
    /** The server failed. Reconnect with jitter, resume. */
    INTERNAL_ERROR(1011, true),
    /** The server restarts. Reconnect with jitter, resume. */
    SERVICE_RESTART(1012, true),
    /** Overloaded, or the client reads too slowly. Reconnect with jitter, resume. */
    TRY_AGAIN_LATER(1013, true),
    /** The token has expired. Reconnect with a new one. */
    TOKEN_EXPIRED(4401, true),
    /** Not allowed. Final. */
    FORBIDDEN(4403, false),
    /** Nothing was heard from the client. Reconnect. */
    HEARTBEAT_LOST(4408, true),
    /** Too many frames. Wait, reconnect. */
    RATE_LIMITED(4429, true);

    private final int number;
    private final boolean reconnect;

    CloseCode(int number, boolean reconnect) {
        this.number = number;
        this.reconnect = reconnect;
    }

    /** The status code in the close frame. */
    public int number() {
        return number;
    }

    /** Whether a client should come back by itself. */
    public boolean isReconnect() {
        return reconnect;
    }

    /** Whether a client should come back by itself after a close with that number. Not after one that is none of ours. */
    public static boolean isReconnect(int number) {
        for (var code : values()) {
            if (code.number == number) return code.reconnect;
        }
        return false;
    }
}
