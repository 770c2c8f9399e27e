package io.rejoin.bench.load;

import org.jspecify.annotations.Nullable;

/**
 * Who a connection belongs to.
 *
 * @param room  of letters, digits and dashes
 * @param user  the same; each member is a user of its own
 * @param place where to resume; null for a first connection, which begins live
 */
public record Seat(String room, String user, @Nullable Place place) {
    /** The same after a connection was lost. */
    Seat at(@Nullable Place resumed) {
        return new Seat(room, user, resumed);
    }
}
