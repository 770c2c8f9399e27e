package io.rejoin.contracts;

import java.text.Normalizer;

/**
 * A pattern for the names of rooms within a tenant. {@code lobby} matches only that room. A {@code *} at the end
 * matches any characters: {@code team-*} matches every name that begins with {@code team-}. Tokens grant access to
 * rooms by patterns. The settings of history choose by patterns how long messages are kept.
 *
 * @param text the pattern, in the same Unicode normal form (NFC) as names of rooms
 */
public record RoomPattern(String text) {
    private static final String WILDCARD = "*";

    public RoomPattern {
        if (!text.startsWith("@")) text = Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    public boolean matches(String room) {
        return text.endsWith(WILDCARD)
                ? room.startsWith(text.substring(0, text.length() - WILDCARD.length()))
                : room.equals(text);
    }
}
