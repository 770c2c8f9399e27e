package io.rejoin.contracts;

import org.jspecify.annotations.Nullable;

/** What a message says: a text, or any JSON value under {@code data}. Exactly one of the two is there. */
public record Content(@Nullable String text, @Nullable JsonText data) {
    public Content {
        if ((text == null) == (data == null)) throw new IllegalArgumentException("either text or data");
    }

    public static Content text(String text) {
        return new Content(text, null);
    }

    public static Content data(JsonText data) {
        return new Content(null, data);
    }
}
