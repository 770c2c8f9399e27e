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
    private final LinkedHashMap<RoomId, RoomTail> lanes = new LinkedHashMap<>();
    private long bytes;
    private volatile long readAt;

    /**
     * @param maxBytes limit for all messages together, by estimate; 0 keeps nothing
     * @param lease    how long after {@link #reading} the tail answers. A process that was stopped for longer may have
     *                 lost its partitions, and must not answer with outdated messages
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
        while (bytes > maxBytes) forget(lanes.firstEntry().getKey());
    }

    private void add(int partition, MessageRow row) {
        var lane = lanes.get(row.room());
        if (lane != null && row.epoch() < lane.epoch()) return; // from a replaced router: the latest epoch wins
        if (lane != null && !lane.isFollowedBy(row)) {
            forget(row.room());
            lane = null;
        }
        if (lane == null) lane = new RoomTail(partition, row.epoch(), row.message().seq());
        bytes += lane.add(row);
        lanes.putLast(row.room(), lane);
    }

    private void forget(RoomId room) {
        var lane = lanes.remove(room);
        if (lane != null) bytes -= lane.bytes();
    }

    /**
     * Forgets the partition's rooms. Another instance may store messages into them, so these may not be the newest any
     * more.
     */
    @Override
    public synchronized void released(int partition) {
        for (var room : List.copyOf(lanes.keySet())) {
            var lane = lanes.get(room);
            if (lane != null && lane.partition() == partition) forget(room);
        }
    }

    /**
     * Forgets expired messages, whether or not the database has deleted them yet.
     *
     * @param now time of the database, milliseconds since the epoch
     */
    public synchronized void expire(Retention retention, long now) {
        for (var room : List.copyOf(lanes.keySet())) {
            var lane = lanes.get(room);
            var kept = retention.of(room);
            if (lane == null || kept == null) continue;
            bytes += lane.expire(now - kept.toMillis());
            if (lane.isEmpty()) lanes.remove(room);
        }
    }

    /**
     * Forgets the rooms that hold messages of erased users. Later reads of these rooms come from the database.
     *
     * @param untils for each user, the log time up to which messages are erased
     */
    public synchronized void erase(Map<UserId, Long> untils) {
        if (untils.isEmpty()) return;
        for (var room : List.copyOf(lanes.keySet())) {
            var lane = lanes.get(room);
            if (lane != null && lane.holds(message -> ErasedMessages.mustBeErased(untils, room, message))) forget(room);
        }
    }

    /** The requested page if the tail holds all of it. An empty result says nothing about the table. */
    public Optional<ReplayPage> page(PageRequest request) {
        if (nanoTime.getAsLong() - readAt > lease.toNanos()) return Optional.empty();
        var page = new PageBuilder(request);
        Head head;
        synchronized (this) {
            var lane = lanes.get(request.room());
            if (lane == null || !request.wants(lane.epoch()) || !lane.collect(request, page)) return Optional.empty();
            head = new Head(lane.epoch(), lane.last());
        }
        return Optional.of(page.build(head));
    }

    synchronized long bytes() {
        return bytes;
    }
}
