package io.rejoin.history.store;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.List;
import java.util.stream.LongStream;

/** Creates messages for tests. */
public final class Messages {
    private Messages() {}

    public static StoredMessage message(long seq) {
        return new StoredMessage(seq, new UserId("default", "ann"), "id-" + seq, Content.text("text " + seq), seq);
    }

    public static List<StoredMessage> messages(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(Messages::message).toList();
    }

    public static MessageRow row(RoomId room, long epoch, long seq) {
        return new MessageRow(room, epoch, message(seq), "{\"text\":\"text " + seq + "\"}");
    }

    public static List<MessageRow> rows(RoomId room, long epoch, long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(seq -> row(room, epoch, seq)).toList();
    }
}
