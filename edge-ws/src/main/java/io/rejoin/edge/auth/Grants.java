package io.rejoin.edge.auth;

import io.rejoin.contracts.RoomPattern;
import java.util.List;

/**
 * The rooms that a principal may join and post to. A {@code *} at the end of a pattern stands for any text.
 *
 * @param rooms patterns such as {@code lobby} or {@code team-*}
 */
public record Grants(List<String> rooms) {
    /** Every room of the tenant. */
    public static final Grants ALL = new Grants(List.of("*"));

    /** No room except the user's personal room. */
    public static final Grants NONE = new Grants(List.of());

    public Grants {
        rooms = rooms.stream().map(pattern -> new RoomPattern(pattern).text()).toList();
    }

    public boolean permits(String room) {
        return rooms.stream().anyMatch(pattern -> new RoomPattern(pattern).matches(room));
    }
}
