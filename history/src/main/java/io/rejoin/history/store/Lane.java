package io.rejoin.history.store;

import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.PageRequest.Range.Backward;
import io.rejoin.history.store.PageRequest.Range.Forward;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last messages of one room and epoch, without a hole. Guarded by {@link Tail}'s lock. The list is cut back only when it is
 * twice too long, so that adding costs little.
 */
final class Lane {
    private final int partition;
    private final long epoch;
    private final List<StoredMessage> messages = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private long bytes;

    Lane(int partition, long epoch) {
        this.partition = partition;
        this.epoch = epoch;
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

    long first() {
        return messages.getFirst().seq();
    }

    long last() {
        return messages.getLast().seq();
    }

    boolean isFollowedBy(MessageRow row) {
        return row.epoch() == epoch && row.message().seq() == last() + 1;
    }

    /** The change of {@link #bytes}. */
    long add(MessageRow row) {
        var before = bytes;
        messages.add(row.message());
        sizes.add(size(row));
        bytes += sizes.getLast();
        if (messages.size() >= 2 * Tail.MESSAGES_PER_ROOM) cut(messages.size() - Tail.MESSAGES_PER_ROOM);
        return bytes - before;
    }

    private void cut(int count) {
        for (var size : sizes.subList(0, count)) bytes -= size;
        sizes.subList(0, count).clear();
        messages.subList(0, count).clear();
    }

    /** An estimate of the heap a message takes: a tree of JSON takes several times its text. */
    private static int size(MessageRow row) {
        return 256 + row.content().length() * (row.message().content().text() == null ? 8 : 2);
    }

    /** The first (or last) {@code limit} messages of a range; absent unless all of them are here. */
    Optional<List<StoredMessage>> find(PageRequest.Range range, int limit) {
        return switch (range) {
            case Forward(var after, var to) when after + 1 >= first() && after <= last() ->
                Optional.of(slice(after + 1, Math.min(to, last()), limit));
            case Forward _ -> Optional.empty();
            case Backward(var before) -> {
                var end = Math.min(before - 1, last());
                var begin = Math.max(1, end - limit + 1);
                yield begin >= first() ? Optional.of(slice(begin, end, limit)) : Optional.empty();
            }
        };
    }

    private List<StoredMessage> slice(long from, long to, int limit) {
        var begin = (int) (from - first());
        var end = (int) (Math.max(from - 1, Math.min(to, from + limit - 1)) + 1 - first());
        return messages.subList(begin, end);
    }
}
