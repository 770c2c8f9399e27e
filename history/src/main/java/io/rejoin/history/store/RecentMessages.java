package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayPage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The newest messages of the rooms that this instance ingests, in memory. It answers clients that return after a short
 * break. It answers only from messages without a hole. Above its byte limit, it evicts the rooms that had no new
 * message for longest. Like the table, it may be behind the log: it holds stored messages, not all posted ones. Safe
 * for any thread. No I/O happens while the lock is held.
 */
public final class RecentMessages implements IngestListener {
    /** Enough for the longest page and one more message, which shows whether there is another page. */
    static final int MESSAGES_PER_ROOM = 600;

    private final long maxBytes;
    private final Duration lease;
    private final LongSupplier nanoTime;
    /** In the order of the last write to each room, the latest at the end. */
    private final LinkedHashMap<RoomId, RoomTail> roomTails = new LinkedHashMap<>();
    private long bytes;
    private volatile long polledAt;

    /**
     * @param maxBytes limit for all messages together, by estimate; 0 keeps nothing
     * @param lease    for how long after the last call of {@link #onPolled} pages are answered from memory. A process
     *                 that was stopped for longer may have lost its partitions to another instance. It must not answer
     *                 with messages that may be outdated
     * @param nanoTime a monotonic clock, such as {@code System.nanoTime}
     */
    public RecentMessages(long maxBytes, Duration lease, LongSupplier nanoTime) {
        this.maxBytes = maxBytes;
        this.lease = lease;
        this.nanoTime = nanoTime;
        this.polledAt = nanoTime.getAsLong();
    }

    @Override
    public void onPolled() {
        polledAt = nanoTime.getAsLong();
    }

    @Override
    public synchronized void onStored(int partition, List<MessageRow> rows) {
        for (var row : rows) add(partition, row);
        while (bytes > maxBytes) evict(roomTails.firstEntry().getKey());
    }

    private void add(int partition, MessageRow row) {
        var roomTail = roomTails.get(row.room());
        if (roomTail != null && row.epoch() < roomTail.epoch()) return; // from a replaced router: the latest epoch wins
        if (roomTail != null && !roomTail.isNext(row)) {
            evict(row.room());
            roomTail = null;
        }
        if (roomTail == null) roomTail = new RoomTail(partition, row.epoch(), row.message().seq());
        bytes += roomTail.add(row);
        roomTails.putLast(row.room(), roomTail);
    }

    private void evict(RoomId room) {
        var roomTail = roomTails.remove(room);
        if (roomTail != null) bytes -= roomTail.bytes();
    }

    /**
     * Evicts the partition's rooms. Another instance may store messages into them, so these may not be the newest any
     * more.
     */
    @Override
    public synchronized void onReleased(int partition) {
        for (var room : List.copyOf(roomTails.keySet())) {
            var roomTail = roomTails.get(room);
            if (roomTail != null && roomTail.partition() == partition) evict(room);
        }
    }

    /**
     * Evicts expired messages, whether or not the database has deleted them yet.
     *
     * @param now time of the database, milliseconds since the epoch
     */
    public synchronized void evictExpired(Retention retention, long now) {
        for (var room : List.copyOf(roomTails.keySet())) {
            var roomTail = roomTails.get(room);
            var retentionTime = retention.retentionTime(room);
            if (roomTail == null || retentionTime == null) continue;
            bytes += roomTail.removeUntil(now - retentionTime.toMillis());
            if (roomTail.isEmpty()) roomTails.remove(room);
        }
    }

    /**
     * Evicts the rooms that hold messages of erased users. Later reads of these rooms come from the database.
     *
     * @param untilByUser for each user, the log time up to which messages are erased
     */
    public synchronized void evictErased(Map<UserId, Long> untilByUser) {
        if (untilByUser.isEmpty()) return;
        for (var room : List.copyOf(roomTails.keySet())) {
            var roomTail = roomTails.get(room);
            if (roomTail != null
                    && roomTail.anyMatch(message -> ErasedMessages.mustBeErased(untilByUser, room, message)))
                evict(room);
        }
    }

    /** The requested page if all of it is in memory. An empty result says nothing about the table. */
    public Optional<ReplayPage> page(PageRequest request) {
        if (nanoTime.getAsLong() - polledAt > lease.toNanos()) return Optional.empty();
        var page = new PageBuilder(request);
        Head head;
        synchronized (this) {
            var roomTail = roomTails.get(request.room());
            if (roomTail == null || !request.acceptsEpoch(roomTail.epoch()) || !roomTail.collect(request, page))
                return Optional.empty();
            head = new Head(roomTail.epoch(), roomTail.lastSeq());
        }
        return Optional.of(page.build(head));
    }

    synchronized long bytes() {
        return bytes;
    }
}
