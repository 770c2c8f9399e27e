package io.rejoin.listener.tls;

import javax.net.ssl.SSLContext;

/** How a listener encrypts. Asked and told by many threads. */
public interface Tls {
    /** For the next connection; those that are there keep what they began with. */
    SSLContext context();

    /** A connection has begun, or failed to. */
    void ended(Handshake handshake);
}
