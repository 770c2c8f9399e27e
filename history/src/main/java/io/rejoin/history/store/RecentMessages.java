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
 * break. It answers only from messages without a hole. Above its byte limit, it forgets the rooms that were quiet for
 * longest. Like the table, it may be behind the log: it holds stored messages, not all posted ones. Safe for any
 * thread. No I/O happens while the lock is held.
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
    private volatile long readAt;

    /**
     * @param maxBytes limit for all messages together, by estimate; 0 keeps nothing
     * @param lease    for how long after the last call of {@link #reading} pages are answered from memory. A process
     *                 that was stopped for longer may have lost its partitions to another instance. It must not answer
     *                 with messages that may be outdated
     * @param nanoTime a monotonic clock, such as {@code System.nanoTime}
     */
    public RecentMessages(long maxBytes, Duration lease, LongSupplier nanoTime) {
        this.maxBytes = maxBytes;
        this.lease = lease;
        this.nanoTime = nanoTime;
        this.readAt = nanoTime.getAsLong();
    }

    @Override
    public void reading() {
        readAt = nanoTime.getAsLong();
    }

    @Override
    public synchronized void stored(int partition, List<MessageRow> rows) {
        for (var row : rows) add(partition, row);
        while (bytes > maxBytes) forget(roomTails.firstEntry().getKey());
    }

    private void add(int partition, MessageRow row) {
        var roomTail = roomTails.get(row.room());
        if (roomTail != null && row.epoch() < roomTail.epoch()) return; // from a replaced router: the latest epoch wins
        if (roomTail != null && !roomTail.isFollowedBy(row)) {
            forget(row.room());
            roomTail = null;
        }
        if (roomTail == null) roomTail = new RoomTail(partition, row.epoch(), row.message().seq());
        bytes += roomTail.add(row);
        roomTails.putLast(row.room(), roomTail);
    }

    private void forget(RoomId room) {
        var roomTail = roomTails.remove(room);
        if (roomTail != null) bytes -= roomTail.bytes();
    }

    /**
     * Forgets the partition's rooms. Another instance may store messages into them, so these may not be the newest any
     * more.
     */
    @Override
    public synchronized void released(int partition) {
        for (var room : List.copyOf(roomTails.keySet())) {
            var roomTail = roomTails.get(room);
            if (roomTail != null && roomTail.partition() == partition) forget(room);
        }
    }

    /**
     * Forgets expired messages, whether or not the database has deleted them yet.
     *
     * @param now time of the database, milliseconds since the epoch
     */
    public synchronized void expire(Retention retention, long now) {
        for (var room : List.copyOf(roomTails.keySet())) {
            var roomTail = roomTails.get(room);
            var kept = retention.of(room);
            if (roomTail == null || kept == null) continue;
            bytes += roomTail.expire(now - kept.toMillis());
            if (roomTail.isEmpty()) roomTails.remove(room);
        }
    }

    /**
     * Forgets the rooms that hold messages of erased users. Later reads of these rooms come from the database.
     *
     * @param untils for each user, the log time up to which messages are erased
     */
    public synchronized void erase(Map<UserId, Long> untils) {
        if (untils.isEmpty()) return;
        for (var room : List.copyOf(roomTails.keySet())) {
            var roomTail = roomTails.get(room);
            if (roomTail != null && roomTail.holds(message -> ErasedMessages.mustBeErased(untils, room, message)))
                forget(room);
        }
    }

    /** The requested page if the tail holds all of it. An empty result says nothing about the table. */
    public Optional<ReplayPage> page(PageRequest request) {
        if (nanoTime.getAsLong() - readAt > lease.toNanos()) return Optional.empty();
        var page = new PageBuilder(request);
        Head head;
        synchronized (this) {
            var roomTail = roomTails.get(request.room());
            if (roomTail == null || !request.wants(roomTail.epoch()) || !roomTail.collect(request, page))
                return Optional.empty();
            head = new Head(roomTail.epoch(), roomTail.last());
        }
        return Optional.of(page.build(head));
    }

    synchronized long bytes() {
        return bytes;
    }
}
