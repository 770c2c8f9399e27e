/**
 * The edge's front door: HTTP/1.1 and HTTP/1.0 behind Helidon's listener. It reads heads of requests, bounded and strict where
 * it matters, answers what is plain HTTP, and hands handshakes on to {@code websocket}. No request has a body here.
 */
@NullMarked
package io.rejoin.edge.http;

import org.jspecify.annotations.NullMarked;
