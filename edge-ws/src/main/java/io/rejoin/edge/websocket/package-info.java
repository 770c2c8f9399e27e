/**
 * RFC 6455 behind Helidon's upgrade SPI: bytes in, messages out, and back. A connection comes in through {@code Upgrader},
 * is judged by {@code Handshake}, read by {@code FrameReader} from its {@code Inbox} and written from its {@code Outbox}.
 */
@NullMarked
package io.rejoin.edge.websocket;

import org.jspecify.annotations.NullMarked;
