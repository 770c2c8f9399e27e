package io.rejoin.history.store;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.Map;

/**
 * Erased messages: only the place in the room and the time remain. The content and the client's id are removed. The
 * user is replaced by a placeholder.
 */
final class ErasedMessages {
    /** The content of an erased message in the table. No posted message has this JSON. */
    static final String CONTENT = "{\"text\":\"\",\"erased\":true}";
    private static final String NAME = "(erased)";

    private ErasedMessages() {}

    /** The placeholder user of a tenant, which replaces every erased user. */
    static UserId nobody(String tenant) {
        return new UserId(tenant, NAME);
    }

    static boolean isOne(String content) {
        return content.equals(CONTENT);
    }

    static StoredMessage message(long seq, UserId nobody, long ts) {
        return new StoredMessage(seq, nobody, null, Content.text(""), ts, true);
    }

    static MessageRow of(MessageRow row) {
        var nobody = nobody(row.room().tenant());
        return new MessageRow(row.room(), row.epoch(), message(row.message().seq(), nobody, row.message().ts()),
                CONTENT);
    }

    /**
     * Whether a message must be erased: an erased user sent it, or it is in an erased user's personal room. False if it
     * is erased already.
     *
     * @param untils for each erased user, the log time up to which messages are erased
     */
    static boolean mustBeErased(Map<UserId, Long> untils, RoomId room, StoredMessage message) {
        if (message.erased() != null) return false;
        return message.ts() <= untils.getOrDefault(message.user(), Long.MIN_VALUE)
                || (room.isPersonal() && message.ts() <= untils.getOrDefault(room.owner(), Long.MIN_VALUE));
    }
}
