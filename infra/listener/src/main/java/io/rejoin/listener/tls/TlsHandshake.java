package io.rejoin.listener.tls;

/** The outcome of a TLS handshake. */
public enum TlsHandshake {
    /** The connection is encrypted. */
    DONE,
    /** The client closed the connection, or client and server have no common TLS parameters. */
    FAILED,
    /** The client sent something else than TLS, such as plain HTTP. */
    PLAIN
}
