package io.rejoin.history.store;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.Map;

/**
 * What is left of a message that was erased: its place and its time. Neither its content nor the client's id, and for its user a
 * name that stands for all who are gone.
 */
final class ErasedMessages {
    /** Stands as such in the table: no message that is posted comes to this JSON. */
    static final String CONTENT = "{\"text\":\"\",\"erased\":true}";
    private static final String NAME = "(erased)";

    private ErasedMessages() {}

    /** Stands for a user who is gone. */
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
     * Whether a message is one that has to go: it is of an erased user, or was sent to one alone, and is not what is left already.
     *
     * @param untils up to which log time messages of each user are erased
     */
    static boolean isToBe(Map<UserId, Long> untils, RoomId room, StoredMessage message) {
        if (message.erased() != null) return false;
        return message.ts() <= untils.getOrDefault(message.user(), Long.MIN_VALUE)
                || (room.isPersonal() && message.ts() <= untils.getOrDefault(room.owner(), Long.MIN_VALUE));
    }
}
