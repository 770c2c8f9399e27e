package io.rejoin.bench.load;

import java.util.List;

/**
 * How one system's protocol says what all of them say: join a room, post, acknowledge, deliver. All speak it in text messages
 * of a WebSocket; the generator's connections do the framing, pings of RFC 6455 included. One object serves all connections
 * and all threads, so it keeps no state. What depends on the connection is in its {@link Seat}.
 */
public interface Dialect {
    /** Path and query of the upgrade. */
    String path(Seat seat);

    /** What the client sends once the connection is open; nothing where the server speaks first, or the path says all. */
    default List<String> opening(Seat seat) {
        return List.of();
    }

    /**
     * A message to the seat's room.
     *
     * @param number unique in the room, from 0; what {@link Incoming#acknowledged} is to be told
     * @param text   of letters, digits and {@code ~}, which JSON need not escape; has to arrive as it is
     */
    String post(Seat seat, int number, String text);

    /**
     * Tells what a text message of the server means. Called for each delivery, up to a million times a second: compare and
     * search bytes, make no objects.
     */
    void read(Payload message, Seat seat, Incoming incoming);
}
