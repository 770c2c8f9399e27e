package io.rejoin.contracts;

import java.text.Normalizer;

/**
 * Names of rooms within a tenant: {@code lobby} is that room, and {@code team-*} all whose name begins so, since a {@code *} at
 * the end stands for anything. Tokens grant rooms by it, and history keeps messages by it.
 *
 * @param text as it was written, in the form that names of rooms have
 */
public record RoomPattern(String text) {
    private static final String ANYTHING = "*";

    public RoomPattern {
        if (!text.startsWith("@")) text = Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    public boolean matches(String room) {
        return text.endsWith(ANYTHING)
                ? room.startsWith(text.substring(0, text.length() - ANYTHING.length()))
                : room.equals(text);
    }
}
