/**
 * HTTP/1.1 and HTTP/1.0 of all services, on connections of a {@link io.rejoin.listener.Listener}. The heads of requests
 * are bounded and strictly parsed. A {@link io.rejoin.listener.http.Site} answers requests, and an
 * {@link io.rejoin.listener.http.Upgrade} handles WebSocket handshakes. No request has a body here.
 */
@NullMarked
package io.rejoin.listener.http;

import org.jspecify.annotations.NullMarked;
