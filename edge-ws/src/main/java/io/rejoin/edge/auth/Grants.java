package io.rejoin.edge.auth;

import io.rejoin.contracts.RoomPattern;
import java.util.List;

/**
 * The rooms a principal may join and post to: names, where a {@code *} at the end stands for anything.
 *
 * @param rooms patterns such as {@code lobby} or {@code team-*}
 */
public record Grants(List<String> rooms) {
    /** Every room of the tenant. */
    public static final Grants ALL = new Grants(List.of("*"));

    /** No room but the user's own. */
    public static final Grants NONE = new Grants(List.of());

    public Grants {
        rooms = rooms.stream().map(pattern -> new RoomPattern(pattern).text()).toList();
    }

    public boolean permits(String room) {
        return rooms.stream().anyMatch(pattern -> new RoomPattern(pattern).matches(room));
    }
}
