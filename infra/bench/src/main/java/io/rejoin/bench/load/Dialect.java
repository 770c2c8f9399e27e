package io.rejoin.bench.load;

import java.util.List;

/**
 * The protocol of one system, for the operations that all systems have: join a room, post, acknowledge, deliver. All
 * protocols use text messages of a WebSocket. {@link Connection} does the framing, including the pings of RFC 6455. One
 * object serves all connections and all threads, so it keeps no state. The state of a connection is in its {@link
 * ConnectionIdentity}.
 */
public interface Dialect {
    /** Path and query of the upgrade request. */
    String path(ConnectionIdentity seat);

    /**
     * The messages that the client sends once the connection is open. Empty where the server speaks first, or where the
     * path already names the room.
     */
    default List<String> opening(ConnectionIdentity seat) {
        return List.of();
    }

    /**
     * The frame that posts a message to the seat's room.
     *
     * @param number unique in the room, from 0; {@link Incoming#acknowledged} receives the same number
     * @param text   letters, digits and {@code ~}, which JSON need not escape; must arrive unchanged
     */
    String post(ConnectionIdentity seat, int number, String text);

    /**
     * Parses a text message of the server and calls {@code incoming} for its content. Runs for each delivery, up to a
     * million times a second. So it compares and searches bytes and allocates no objects.
     */
    void read(Payload message, ConnectionIdentity seat, Incoming incoming);
}
