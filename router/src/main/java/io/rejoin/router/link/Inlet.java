package io.rejoin.router.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Receives the records of one partition of the command log, and passes each of them once to the shard, in log order.
 * Records arrive in two ways. An edge announces a record that it has appended; this is the fastest way. All other
 * records are fetched from Kafka. The source of a record does not matter, because the record at an offset never
 * changes.
 *
 * <p>While edges announce every record, nothing has to be fetched. A record is not announced if its edge has died or
 * has no stream. The inlet detects this as a gap in the offsets, or because no announcement comes for a while. Safe for
 * any thread.
 *
 * @param <R> a record of the log
 */
public final class Inlet<R> {
    /**
     * Fetching starts when edges have announced nothing for this long. Edges that append all the time also announce all
     * the time.
     */
    static final Duration MAX_ANNOUNCEMENT_PAUSE = Duration.ofMillis(250);
    /**
     * A record may be announced this much later than the records after it, because two edges can append to one
     * partition.
     */
    static final Duration MAX_REORDER_DELAY = Duration.ofMillis(10);
    /** After a missing announcement, all records are fetched for this long. */
    static final Duration FORCED_FETCH_TIME = Duration.ofSeconds(1);
    /** How many announced records may wait for earlier records, and how many bytes. */
    static final int MAX_WAITING = 100;
    static final long MAX_WAITING_BYTES = 1 << 20;

    /** The consumer of the records. It is called with the inlet's lock held, so it must not block. */
    public interface Outlet<R> {
        /** Whether it accepts more announced records. Fetched records are passed on in any case. */
        boolean hasSpace();

        /** Accepts the next records, at least one. */
        void put(List<R> records);
    }

    private final ToLongFunction<R> offset;
    private final ToIntFunction<R> size;
    private final Outlet<R> outlet;
    private final LongSupplier nanoTime;
    /** Announced records that wait for earlier records, by offset. */
    private final TreeMap<Long, R> waiting = new TreeMap<>();
    private long nextOffset;
    private long waitingBytes;
    private long endOffset;
    private boolean hasRecentAnnouncement;
    private long lastAnnouncedAt;
    private long gapSince;
    private boolean isFetchForced;
    private long fetchForcedAt;

    /**
     * Creates an inlet that has received no record yet.
     *
     * @param nextOffset offset of the first record that the shard has not processed
     * @param offset     returns the offset of a record
     * @param size       returns the size of a record, in bytes
     */
    public Inlet(long nextOffset, ToLongFunction<R> offset, ToIntFunction<R> size, Outlet<R> outlet,
            LongSupplier nanoTime) {
        this.size = size;
        this.endOffset = nextOffset;
        this.nextOffset = nextOffset;
        this.offset = offset;
        this.outlet = outlet;
        this.nanoTime = nanoTime;
    }

    /**
     * Accepts a record that its appender has announced.
     *
     * @return whether the record need not be fetched
     */
    public synchronized boolean onAnnounced(R record) {
        var recordOffset = offset.applyAsLong(record);
        if (recordOffset < nextOffset) return false;
        endOffset = Math.max(endOffset, recordOffset + 1);
        if (!outlet.hasSpace() || waiting.size() >= MAX_WAITING || waitingBytes > MAX_WAITING_BYTES) {
            forceFetch();
            return false;
        }
        lastAnnouncedAt = nanoTime.getAsLong();
        hasRecentAnnouncement = true;
        if (waiting.isEmpty()) gapSince = lastAnnouncedAt;
        if (waiting.putIfAbsent(recordOffset, record) != null) return false;
        waitingBytes += size.applyAsInt(record);
        passOn(new ArrayList<>(waiting.size()));
        return true;
    }

    /**
     * Accepts records that were fetched, in log order. The log has no other records between their offsets.
     *
     * @param from offset at which the fetch started
     * @throws IllegalStateException when the fetch started after the next record: that record would never reach the
     *          shard
     */
    public synchronized void onFetched(long from, List<R> records) {
        if (from > nextOffset)
            throw new IllegalStateException("fetched from offset " + from + ", but offset " + nextOffset + " is next");
        var ready = new ArrayList<R>(records.size());
        for (var record : records) {
            var recordOffset = offset.applyAsLong(record);
            if (recordOffset < nextOffset) continue;
            ready.add(record);
            nextOffset = recordOffset + 1;
        }
        while (!waiting.isEmpty() && waiting.firstKey() < nextOffset) remove(waiting.firstKey());
        passOn(ready);
    }

    private void passOn(List<R> ready) {
        for (var first = remove(nextOffset); first != null; first = remove(nextOffset)) {
            ready.add(first);
            nextOffset++;
            gapSince = nanoTime.getAsLong();
        }
        if (!ready.isEmpty()) outlet.put(ready);
    }

    private @Nullable R remove(long recordOffset) {
        var removed = waiting.remove(recordOffset);
        if (removed != null) waitingBytes -= size.applyAsInt(removed);
        return removed;
    }

    private void forceFetch() {
        isFetchForced = true;
        fetchForcedAt = nanoTime.getAsLong();
    }

    /**
     * Decides whether records must be fetched now, because edges do not announce them all.
     *
     * @param isFetching whether records are being fetched; fetching goes on until no record is missing
     */
    public synchronized boolean decideFetch(boolean isFetching) {
        var now = nanoTime.getAsLong();
        if (!waiting.isEmpty() && now - gapSince > MAX_REORDER_DELAY.toNanos()) {
            forceFetch();
            waiting.clear(); // these are fetched as well, and a record that the log does not hold must not stay here
            waitingBytes = 0;
        }
        if (isFetchForced && now - fetchForcedAt > FORCED_FETCH_TIME.toNanos()) isFetchForced = false;
        hasRecentAnnouncement &= now - lastAnnouncedAt <= MAX_ANNOUNCEMENT_PAUSE.toNanos();
        return isFetchForced || !hasRecentAnnouncement || (isFetching && !waiting.isEmpty());
    }

    /** The offset of the next record for the shard. */
    public synchronized long nextOffset() {
        return nextOffset;
    }

    /** The offset after the last known record. */
    public synchronized long endOffset() {
        return Math.max(endOffset, nextOffset);
    }

    /** The number of records that wait for earlier records. */
    public synchronized int waitingCount() {
        return waiting.size();
    }
}
