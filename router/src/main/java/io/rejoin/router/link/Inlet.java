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
    static final Duration MAX_SILENCE = Duration.ofMillis(250);
    /**
     * A record may be announced this much later than the records after it, because two edges can append to one
     * partition.
     */
    static final Duration LATE = Duration.ofMillis(10);
    /** After a missing announcement, all records are fetched for this long. */
    static final Duration DISTRUST = Duration.ofSeconds(1);
    /** How many announced records may wait for earlier records, and how many bytes. */
    static final int MAX_AHEAD = 100;
    static final long MAX_BYTES = 1 << 20;

    /** The consumer of the records. It is called with the inlet's lock held, so it must not block. */
    public interface Outlet<R> {
        /** Whether it accepts more announced records. Fetched records are passed on in any case. */
        boolean hasRoom();

        /** Takes the next records, at least one. */
        void put(List<R> records);
    }

    private final ToLongFunction<R> offset;
    private final ToIntFunction<R> size;
    private final Outlet<R> shard;
    private final LongSupplier nanoTime;
    private final TreeMap<Long, R> ahead = new TreeMap<>();
    private long next;
    private long aheadBytes;
    private long end;
    private boolean isAnnounced;
    private long toldAt;
    private long gapSince;
    private boolean isFetchForced;
    private long distrustedAt;

    /**
     * Creates an inlet that has received no record yet.
     *
     * @param next   offset of the first record that the shard has not taken
     * @param offset returns the offset of a record
     * @param size   returns the size of a record, in bytes
     */
    public Inlet(long next, ToLongFunction<R> offset, ToIntFunction<R> size, Outlet<R> shard, LongSupplier nanoTime) {
        this.size = size;
        this.end = next;
        this.next = next;
        this.offset = offset;
        this.shard = shard;
        this.nanoTime = nanoTime;
    }

    /**
     * Takes a record that its appender has announced.
     *
     * @return whether the record need not be fetched
     */
    public synchronized boolean announced(R record) {
        var at = offset.applyAsLong(record);
        if (at < next) return false;
        end = Math.max(end, at + 1);
        if (!shard.hasRoom() || ahead.size() >= MAX_AHEAD || aheadBytes > MAX_BYTES) {
            distrust();
            return false;
        }
        toldAt = nanoTime.getAsLong();
        isAnnounced = true;
        if (ahead.isEmpty()) gapSince = toldAt;
        if (ahead.putIfAbsent(at, record) != null) return false;
        aheadBytes += size.applyAsInt(record);
        handOver(new ArrayList<>(ahead.size()));
        return true;
    }

    /**
     * Takes records that were fetched, in log order. The log has no other records between their offsets.
     *
     * @param from offset at which the fetch started
     * @throws IllegalStateException when the fetch started after the next record: that record would never reach the
     *          shard
     */
    public synchronized void fetched(long from, List<R> records) {
        if (from > next)
            throw new IllegalStateException("fetched from offset " + from + ", but offset " + next + " is next");
        var ready = new ArrayList<R>(records.size());
        for (var record : records) {
            var at = offset.applyAsLong(record);
            if (at < next) continue;
            ready.add(record);
            next = at + 1;
        }
        for (var first = ahead.firstEntry(); first != null && first.getKey() < next; first = ahead.firstEntry())
            remove(first.getKey());
        handOver(ready);
    }

    private void handOver(List<R> ready) {
        for (var first = remove(next); first != null; first = remove(next)) {
            ready.add(first);
            next++;
            gapSince = nanoTime.getAsLong();
        }
        if (!ready.isEmpty()) shard.put(ready);
    }

    private @Nullable R remove(long at) {
        var removed = ahead.remove(at);
        if (removed != null) aheadBytes -= size.applyAsInt(removed);
        return removed;
    }

    private void distrust() {
        isFetchForced = true;
        distrustedAt = nanoTime.getAsLong();
    }

    /**
     * Whether records must be fetched now, because edges do not announce them all.
     *
     * @param isFetching whether records are being fetched; fetching goes on until no record is missing
     */
    public synchronized boolean hasToFetch(boolean isFetching) {
        var now = nanoTime.getAsLong();
        if (!ahead.isEmpty() && now - gapSince > LATE.toNanos()) {
            distrust();
            ahead.clear(); // these are fetched as well, and a record that the log does not hold must not stay here
            aheadBytes = 0;
        }
        if (isFetchForced && now - distrustedAt > DISTRUST.toNanos()) isFetchForced = false;
        if (isAnnounced && now - toldAt > MAX_SILENCE.toNanos()) isAnnounced = false;
        return isFetchForced || !isAnnounced || (isFetching && !ahead.isEmpty());
    }

    /** The offset of the next record for the shard. */
    public synchronized long next() {
        return next;
    }

    /** The offset after the last known record. */
    public synchronized long end() {
        return Math.max(end, next);
    }

    /** The number of records that wait for earlier records. */
    public synchronized int ahead() {
        return ahead.size();
    }
}
