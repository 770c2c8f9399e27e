package io.rejoin.history.store;

import io.rejoin.contracts.replay.StoredMessage;

/** Estimates the size of a message in the JSON of a page, in bytes. */
final class MessageSize {
    /** Bytes for field names, numbers and brackets. */
    static final int OVERHEAD = 100;

    private MessageSize() {}

    static int of(StoredMessage message) {
        var id = message.id();
        return OVERHEAD + message.content().length() + utf8Length(message.user().key())
                + (id == null ? 0 : utf8Length(id));
    }

    private static int utf8Length(String text) {
        var bytes = 0;
        for (var i = 0; i < text.length(); i++) {
            var unit = text.charAt(i);
            // a surrogate pair is four bytes
            bytes += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3;
        }
        return bytes;
    }
}
