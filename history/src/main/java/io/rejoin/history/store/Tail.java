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
 * The last messages of the rooms this instance reads, in memory: what a client missed in a short break. It answers only what
 * it holds without a hole, and forgets the rooms that were quiet longest when it outgrows its bound. Like the table it may be
 * behind the log: an answer says what is stored, not what was posted. Safe for any thread; the lock is held for memory only.
 */
public final class Tail implements Committed {
    /** Enough for the longest page and the one message that tells whether there is another. */
    static final int MESSAGES_PER_ROOM = 600;

    private final long maxBytes;
    private final Duration lease;
    private final LongSupplier nanoTime;
    /** The room written last comes last. */
    private final LinkedHashMap<RoomId, Lane> lanes = new LinkedHashMap<>();
    private long bytes;
    private volatile long readAt;

    /**
     * @param maxBytes of all messages together, by estimate; 0 keeps nothing
     * @param lease    how long after {@link #reading} it answers: a process that was stopped for a while may have been
     *                 replaced, and must not answer with what was so before
     * @param nanoTime what time has passed, as {@code System.nanoTime} does
     */
    public Tail(long maxBytes, Duration lease, LongSupplier nanoTime) {
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
        if (lane != null && row.epoch() < lane.epoch()) return; // a router that was replaced: the latest epoch counts
        if (lane != null && !lane.isFollowedBy(row)) {
            forget(row.room());
            lane = null;
        }
        if (lane == null) lane = new Lane(partition, row.epoch(), row.message().seq());
        bytes += lane.add(row);
        lanes.putLast(row.room(), lane);
    }

    private void forget(RoomId room) {
        var lane = lanes.remove(room);
        if (lane != null) bytes -= lane.bytes();
    }

    /** Forgets the partition's rooms: what is here may no longer be their end. */
    @Override
    public synchronized void released(int partition) {
        for (var room : List.copyOf(lanes.keySet())) {
            var lane = lanes.get(room);
            if (lane != null && lane.partition() == partition) forget(room);
        }
    }

    /**
     * Forgets what was kept long enough, whether it is deleted in the database by now or will be.
     *
     * @param now by the database's clock, milliseconds since the epoch
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
     * Forgets the rooms in which something of these users is: the database tells what is left of it.
     *
     * @param untils up to which log time messages of each are erased
     */
    public synchronized void erase(Map<UserId, Long> untils) {
        if (untils.isEmpty()) return;
        for (var room : List.copyOf(lanes.keySet())) {
            var lane = lanes.get(room);
            if (lane != null && lane.holds(message -> ErasedMessages.isToBe(untils, room, message))) forget(room);
        }
    }

    /** The page of that request if all of it is here, which says nothing about what is in the table. */
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
