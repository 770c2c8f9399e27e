package io.rejoin.history.store;

import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.PageRequest.Range.Backward;
import io.rejoin.history.store.PageRequest.Range.Forward;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The last messages of one room and epoch, without a hole. Guarded by {@link Tail}'s lock. The list is cut back only when it is
 * twice too long, so that adding costs little.
 */
final class Lane {
    /**
     * A message that is kept.
     *
     * @param size in the JSON of a page
     * @param heap what it takes here, by estimate
     */
    private record Entry(StoredMessage message, int size, int heap) {
        static Entry of(MessageRow row) {
            return new Entry(row.message(), MessageSize.of(row.message()), 256 + row.message().content().length());
        }
    }

    private final int partition;
    private final long epoch;
    private final List<Entry> entries = new ArrayList<>();
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
        return entries.getFirst().message().seq();
    }

    long last() {
        return entries.getLast().message().seq();
    }

    boolean isFollowedBy(MessageRow row) {
        return row.epoch() == epoch && row.message().seq() == last() + 1;
    }

    /** The change of {@link #bytes}. */
    long add(MessageRow row) {
        var before = bytes;
        entries.add(Entry.of(row));
        bytes += entries.getLast().heap();
        if (entries.size() >= 2 * Tail.MESSAGES_PER_ROOM) cut(entries.size() - Tail.MESSAGES_PER_ROOM);
        return bytes - before;
    }

    boolean holds(Predicate<StoredMessage> wanted) {
        return entries.stream().anyMatch(entry -> wanted.test(entry.message()));
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * Forgets the messages up to the first that is younger.
     *
     * @param until a time of the log, milliseconds since the epoch
     * @return the change of {@link #bytes}
     */
    long expire(long until) {
        var before = bytes;
        var count = 0;
        while (count < entries.size() && entries.get(count).message().ts() <= until) count++;
        cut(count);
        return bytes - before;
    }

    private void cut(int count) {
        for (var entry : entries.subList(0, count)) bytes -= entry.heap();
        entries.subList(0, count).clear();
    }

    /** Collects what was asked for; false, and nothing is collected, unless all of it is here. */
    boolean collect(PageRequest request, PageBuilder page) {
        return switch (request.range()) {
            case Forward(var after, var to) when after + 1 >= first() && after <= last() -> {
                var seq = after + 1;
                while (seq <= Math.min(to, last()) && take(seq, page)) seq++;
                yield true;
            }
            case Forward _ -> false;
            case Backward(var before) -> {
                var seq = Math.min(before - 1, last());
                // One more than was asked for tells whether there is another page
                if (Math.max(1, seq - request.limit()) < first()) yield false;
                while (seq >= first() && take(seq, page)) seq--;
                yield true;
            }
        };
    }

    private boolean take(long seq, PageBuilder page) {
        var entry = entries.get((int) (seq - first()));
        if (!page.admits(entry.size())) return false;
        page.add(entry.message(), entry.size());
        return true;
    }
}
