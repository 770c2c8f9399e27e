package io.rejoin.listener.tls;

import javax.net.ssl.SSLContext;

/** Provides TLS to a listener and counts its handshakes. Implementations must be safe for any thread. */
public interface Tls {
    /** The context for the next connection. Open connections keep theirs. */
    SSLContext context();

    /** Counts the outcome of a handshake. */
    void ended(TlsHandshake handshake);
}
