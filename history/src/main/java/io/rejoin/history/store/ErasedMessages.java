package io.rejoin.history.store;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.Map;

/**
 * Erased messages: only the position in the room and the time remain. The content and the client's id are removed. The
 * user is replaced by a placeholder.
 */
final class ErasedMessages {
    /** The content of an erased message in the table. No posted message has this JSON. */
    static final String CONTENT = "{\"text\":\"\",\"erased\":true}";
    private static final String PLACEHOLDER_NAME = "(erased)";

    private ErasedMessages() {}

    /** The placeholder user of a tenant, which replaces every erased user. */
    static UserId placeholderUser(String tenant) {
        return new UserId(tenant, PLACEHOLDER_NAME);
    }

    static boolean isErased(String content) {
        return content.equals(CONTENT);
    }

    static StoredMessage message(long seq, UserId placeholderUser, long ts) {
        return new StoredMessage(seq, placeholderUser, null, Content.text(""), ts, true);
    }

    static MessageRow of(MessageRow row) {
        var placeholderUser = placeholderUser(row.room().tenant());
        return new MessageRow(row.room(), row.epoch(),
                message(row.message().seq(), placeholderUser, row.message().ts()), CONTENT);
    }

    /**
     * Whether a message must be erased: an erased user sent it, or it is in an erased user's personal room. False if it
     * is erased already.
     *
     * @param untilByUser for each erased user, the log time up to which messages are erased
     */
    static boolean mustBeErased(Map<UserId, Long> untilByUser, RoomId room, StoredMessage message) {
        if (message.erased() != null) return false;
        return message.ts() <= untilByUser.getOrDefault(message.user(), Long.MIN_VALUE)
                || (room.isPersonal() && message.ts() <= untilByUser.getOrDefault(room.owner(), Long.MIN_VALUE));
    }
}
