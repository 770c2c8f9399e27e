package io.rejoin.bench.load;

import org.jspecify.annotations.Nullable;

/**
 * The user and the room of a connection.
 *
 * @param room  letters, digits and dashes
 * @param user  letters, digits and dashes; each member is a separate user
 * @param place where to resume; null for a first connection, which starts with live messages
 */
public record ConnectionIdentity(String room, String user, @Nullable Place place) {
    /** The same room and user, for a connection that resumes from that place. */
    ConnectionIdentity at(@Nullable Place resumed) {
        return new ConnectionIdentity(room, user, resumed);
    }
}
