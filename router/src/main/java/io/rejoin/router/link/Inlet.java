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
 * Where the records of one partition of the command log come in. They go on to their shard in the order of the log, each once. An
 * edge tells of what it has appended, which is the fastest way; all else is fetched. It does not matter who brings a record: what
 * stands at an offset is the same for ever.
 *
 * <p>While edges tell of everything, nothing has to be fetched. What was not told, for its edge died or has no stream, shows as a
 * hole, or by silence. Safe for any thread.
 *
 * @param <R> a record of the log
 */
public final class Inlet<R> {
    /** Silence of edges after which is fetched: who appends all the time tells all the time. */
    static final Duration MOST_SILENCE = Duration.ofMillis(250);
    /** So much later than the records after it a record may be told: two edges append to one partition. */
    static final Duration LATE = Duration.ofMillis(10);
    /** Once something was not told, all is fetched for so long. */
    static final Duration DISTRUST = Duration.ofSeconds(1);
    /** Records that may wait for those before them, and their bytes. */
    static final int MOST_AHEAD = 100;
    static final long MOST_BYTES = 1 << 20;

    /** What takes the records. Called with the inlet's lock: must not wait. */
    public interface Outlet<R> {
        /** Whether it should get more. What is fetched it gets all the same. */
        boolean hasRoom();

        /** Takes the next ones, at least one. */
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
    private boolean isTold;
    private long toldAt;
    private long holeSince;
    private boolean isDistrusted;
    private long distrustedAt;

    /**
     * Nothing has come yet.
     *
     * @param next   offset of the first record that the shard has not taken
     * @param offset of a record
     * @param size   of a record, in bytes
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
     * Whoever has appended that record tells of it.
     *
     * @return whether it need not be fetched
     */
    public synchronized boolean told(R record) {
        var at = offset.applyAsLong(record);
        if (at < next) return false;
        end = Math.max(end, at + 1);
        if (!shard.hasRoom() || ahead.size() >= MOST_AHEAD || aheadBytes > MOST_BYTES) {
            distrust();
            return false;
        }
        toldAt = nanoTime.getAsLong();
        isTold = true;
        if (ahead.isEmpty()) holeSince = toldAt;
        if (ahead.putIfAbsent(at, record) != null) return false;
        aheadBytes += size.applyAsInt(record);
        handOver(new ArrayList<>(ahead.size()));
        return true;
    }

    /**
     * The log has brought these, in their order. Between their offsets nothing is to come.
     *
     * @param from offset from which was fetched
     * @throws IllegalStateException when something before that never came: it would be left out for ever
     */
    public synchronized void fetched(long from, List<R> records) {
        if (from > next) throw new IllegalStateException("fetched from " + from + " on, though " + next + " is next");
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
            holeSince = nanoTime.getAsLong();
        }
        if (!ready.isEmpty()) shard.put(ready);
    }

    private @Nullable R remove(long at) {
        var removed = ahead.remove(at);
        if (removed != null) aheadBytes -= size.applyAsInt(removed);
        return removed;
    }

    private void distrust() {
        isDistrusted = true;
        distrustedAt = nanoTime.getAsLong();
    }

    /**
     * Whether the records have to be fetched now, for they are not told.
     *
     * @param isFetching whether they are: that ends only where nothing is missing
     */
    public synchronized boolean hasToFetch(boolean isFetching) {
        var now = nanoTime.getAsLong();
        if (!ahead.isEmpty() && now - holeSince > LATE.toNanos()) {
            distrust();
            ahead.clear(); // they are fetched, too; and none that the log does not have may stay
            aheadBytes = 0;
        }
        if (isDistrusted && now - distrustedAt > DISTRUST.toNanos()) isDistrusted = false;
        if (isTold && now - toldAt > MOST_SILENCE.toNanos()) isTold = false;
        return isDistrusted || !isTold || (isFetching && !ahead.isEmpty());
    }

    /** Offset of the record that comes next. */
    public synchronized long next() {
        return next;
    }

    /** The offset after the last record that is known of. */
    public synchronized long end() {
        return Math.max(end, next);
    }

    /** How many records wait for others before them. */
    public synchronized int ahead() {
        return ahead.size();
    }
}
