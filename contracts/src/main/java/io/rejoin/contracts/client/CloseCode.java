package io.rejoin.contracts.client;

/**
 * The reason why a connection was closed, and whether the client should reconnect. Numbers up to 2999 are defined by
 * RFC 6455 and the IANA registry.
 */
public enum CloseCode {
    /** The server is going away. Reconnect with jitter, and resume. */
    GOING_AWAY(1001, true),
    /** The frame or its order breaks RFC 6455. Final. */
    PROTOCOL_ERROR(1002, false),
    /** A kind of message that the server does not accept. Final. */
    UNSUPPORTED_DATA(1003, false),
    /** Text that is not UTF-8. Final. */
    INVALID_PAYLOAD(1007, false),
    /** The client broke a rule of this server. Final. */
    POLICY_VIOLATION(1008, false),
    /** A message above the size limit. Final. */
    MESSAGE_TOO_BIG(1009, false),
    /** The server failed. Reconnect with jitter, and resume. */
    INTERNAL_ERROR(1011, true),
    /** The server restarts. Reconnect with jitter, and resume. */
    SERVICE_RESTART(1012, true),
    /** The server is overloaded, or the client reads too slowly. Reconnect with jitter, and resume. */
    TRY_AGAIN_LATER(1013, true),
    /** The token has expired. Reconnect with a new one. */
    TOKEN_EXPIRED(4401, true),
    /** Not allowed. Final. */
    FORBIDDEN(4403, false),
    /** The client sent nothing for too long. Reconnect. */
    HEARTBEAT_LOST(4408, true),
    /** The client sent too many frames. Wait, then reconnect. */
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

    /** Whether the client should reconnect without being asked. */
    public boolean isReconnect() {
        return reconnect;
    }

    /**
     * Whether the client should reconnect without being asked, after a close with this number. False for a number that
     * is not listed here.
     */
    public static boolean isReconnect(int number) {
        for (var code : values()) {
            if (code.number == number) return code.reconnect;
        }
        return false;
    }
}
