/**
 * HTTP as all services speak it: 1.1 and 1.0, on connections of a {@link io.rejoin.listener.Listener}. It reads heads of
 * requests, bounded, and strict where it matters; a {@link io.rejoin.listener.http.Site} answers them, and handshakes go on to
 * whoever makes WebSockets of them. No request has a body here.
 */
@NullMarked
package io.rejoin.listener.http;

import org.jspecify.annotations.NullMarked;
