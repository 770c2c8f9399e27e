package io.rejoin.listener.tls;

/** How a connection began on a port that speaks TLS. */
public enum Handshake {
    /** It is encrypted. */
    DONE,
    /** The client went, or the two could not agree. */
    FAILED,
    /** What came was no TLS: plain HTTP, for instance. */
    PLAIN
}
