package io.rejoin.history.store;

import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.PageRequest.Range.Backward;
import io.rejoin.history.store.PageRequest.Range.Forward;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * The newest messages of one room and epoch, without a hole. Guarded by {@link RecentMessages}'s lock. The oldest
 * messages are removed only when there are twice as many as allowed, so that adding stays cheap.
 */
final class RoomTail {
    private final int partition;
    private final long epoch;
    /** In the format of {@link PackedMessage}. */
    private final List<byte[]> messages = new ArrayList<>();
    /** Seq of the first message. */
    private long firstSeq;
    private long bytes;

    /** @param firstSeq seq of the first message that will be added */
    RoomTail(int partition, long epoch, long firstSeq) {
        this.partition = partition;
        this.epoch = epoch;
        this.firstSeq = firstSeq;
    }

    int partition() {
        return partition;
    }

    long epoch() {
        return epoch;
    }

    long bytes() {
        return bytes;
    }

    /** Seq of the last message; {@code firstSeq - 1} while there is no message. */
    long lastSeq() {
        return firstSeq + messages.size() - 1;
    }

    boolean isNext(MessageRow row) {
        return row.epoch() == epoch && row.message().seq() == lastSeq() + 1;
    }

    /**
     * Adds a message.
     *
     * @return the change of {@link #bytes}
     */
    long add(MessageRow row) {
        var before = bytes;
        var packed = PackedMessage.pack(row.message());
        messages.add(packed);
        bytes += PackedMessage.memorySize(packed);
        if (messages.size() >= 2 * RecentMessages.MESSAGES_PER_ROOM)
            removeOldest(messages.size() - RecentMessages.MESSAGES_PER_ROOM);
        return bytes - before;
    }

    boolean anyMatch(Predicate<StoredMessage> condition) {
        return LongStream.rangeClosed(firstSeq, lastSeq()).mapToObj(this::message).anyMatch(condition);
    }

    private byte[] packed(long seq) {
        return messages.get((int) (seq - firstSeq));
    }

    private StoredMessage message(long seq) {
        return PackedMessage.unpack(seq, packed(seq));
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /**
     * Removes the oldest messages, up to the first one that is younger than {@code until}.
     *
     * @param until a log time, milliseconds since the epoch
     * @return the change of {@link #bytes}
     */
    long removeUntil(long until) {
        var before = bytes;
        var count = 0;
        while (count < messages.size() && PackedMessage.ts(messages.get(count)) <= until) count++;
        removeOldest(count);
        return bytes - before;
    }

    private void removeOldest(int count) {
        var oldest = messages.subList(0, count);
        for (var packed : oldest) bytes -= PackedMessage.memorySize(packed);
        oldest.clear();
        firstSeq += count;
    }

    /** Collects the requested messages. Returns false, without collecting, unless this tail has all of them. */
    boolean collect(PageRequest request, PageBuilder page) {
        return switch (request.range()) {
            case Forward(var after, var to) when after + 1 >= firstSeq && after <= lastSeq() -> {
                var seq = after + 1;
                while (seq <= Math.min(to, lastSeq()) && tryAdd(seq, page)) seq++;
                yield true;
            }
            case Forward _ -> false;
            case Backward(var before) -> {
                var seq = Math.min(before - 1, lastSeq());
                // One more message than requested shows whether there is another page
                if (Math.max(1, seq - request.limit()) < firstSeq) yield false;
                while (seq >= firstSeq && tryAdd(seq, page)) seq--;
                yield true;
            }
        };
    }

    private boolean tryAdd(long seq, PageBuilder page) {
        var jsonSize = PackedMessage.jsonSize(packed(seq));
        if (!page.checkFits(jsonSize)) return false;
        page.add(message(seq), jsonSize);
        return true;
    }
}
