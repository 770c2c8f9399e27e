/**
 * RFC 6455 on top of Helidon's upgrade SPI. {@code Upgrader} opens a connection after {@code Handshake} has checked the
 * request. {@code FrameReader} reads messages from the {@code Inbox}. Frames to send wait in the {@code Outbox}.
 */
@NullMarked
package io.rejoin.edge.websocket;

import org.jspecify.annotations.NullMarked;
