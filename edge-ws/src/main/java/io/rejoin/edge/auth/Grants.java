package io.rejoin.edge.auth;

import java.text.Normalizer;
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
        rooms = rooms.stream().map(Grants::asRoomsAreNamed).toList();
    }

    private static String asRoomsAreNamed(String pattern) {
        return pattern.startsWith("@") ? pattern : Normalizer.normalize(pattern, Normalizer.Form.NFC);
    }

    public boolean permits(String room) {
        return rooms.stream().anyMatch(pattern -> pattern.endsWith("*")
                ? room.startsWith(pattern.substring(0, pattern.length() - 1))
                : room.equals(pattern));
    }
}
