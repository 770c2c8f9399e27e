package io.rejoin.history.store;

import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.PageRequest.Range.Backward;
import io.rejoin.history.store.PageRequest.Range.Forward;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * The newest messages of one room and epoch, without a hole. Guarded by {@link RecentMessages}'s lock. The list is cut only when
 * it has twice the allowed length, so that adding stays cheap.
 */
final class RoomTail {
    private final int partition;
    private final long epoch;
    /** In the format of {@link PackedMessage}. */
    private final List<byte[]> messages = new ArrayList<>();
    /** Seq of the first message. */
    private long first;
    private long bytes;

    /** @param first seq of the first message that will be added */
    RoomTail(int partition, long epoch, long first) {
        this.partition = partition;
        this.epoch = epoch;
        this.first = first;
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

    /** Seq of the last message; {@code first - 1} while there is no message. */
    long last() {
        return first + messages.size() - 1;
    }

    boolean isFollowedBy(MessageRow row) {
        return row.epoch() == epoch && row.message().seq() == last() + 1;
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
        bytes += PackedMessage.heap(packed);
        if (messages.size() >= 2 * RecentMessages.MESSAGES_PER_ROOM)
            cut(messages.size() - RecentMessages.MESSAGES_PER_ROOM);
        return bytes - before;
    }

    boolean holds(Predicate<StoredMessage> wanted) {
        return LongStream.rangeClosed(first, last()).mapToObj(this::message).anyMatch(wanted);
    }

    private byte[] packed(long seq) {
        return messages.get((int) (seq - first));
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
    long expire(long until) {
        var before = bytes;
        var count = 0;
        while (count < messages.size() && PackedMessage.ts(messages.get(count)) <= until) count++;
        cut(count);
        return bytes - before;
    }

    private void cut(int count) {
        var oldest = messages.subList(0, count);
        for (var packed : oldest) bytes -= PackedMessage.heap(packed);
        oldest.clear();
        first += count;
    }

    /** Collects the requested messages. Returns false, without collecting, unless the lane holds all of them. */
    boolean collect(PageRequest request, PageBuilder page) {
        return switch (request.range()) {
            case Forward(var after, var to) when after + 1 >= first && after <= last() -> {
                var seq = after + 1;
                while (seq <= Math.min(to, last()) && take(seq, page)) seq++;
                yield true;
            }
            case Forward _ -> false;
            case Backward(var before) -> {
                var seq = Math.min(before - 1, last());
                // One more message than requested shows whether there is another page
                if (Math.max(1, seq - request.limit()) < first) yield false;
                while (seq >= first && take(seq, page)) seq--;
                yield true;
            }
        };
    }

    private boolean take(long seq, PageBuilder page) {
        var size = PackedMessage.size(packed(seq));
        if (!page.admits(size)) return false;
        page.add(message(seq), size);
        return true;
    }
}
