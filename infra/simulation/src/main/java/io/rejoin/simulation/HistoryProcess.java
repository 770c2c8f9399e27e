package io.rejoin.simulation;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.ingest.IngestRules;
import io.rejoin.history.store.Append;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.Position;
import io.rejoin.history.store.RecentMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A history instance. It stores the events of those partitions that it believes to own in the database, and serves
 * pages from its tail.
 */
final class HistoryProcess {
    private static final String TOPIC_ID = "events";
    private static final long TAIL_BYTES = 100_000;
    /** The tail's lease. It never expires, because the tail's clock does not move here. */
    private static final Duration LEASE = Duration.ofSeconds(1);

    private final Kafka kafka;
    private final Database database;
    private final RandomGenerator random;
    private final Trace trace;
    private final Bug bug;
    /** Its partitions and their positions; null while the position has to be read from the database first. */
    private final Map<Integer, @Nullable Position> positions = new TreeMap<>();
    /** Transactions of which only the first half is committed; only with {@link Bug#POSITION_APART_FROM_ROWS}. */
    private final Map<Integer, Append> torn = new HashMap<>();
    private RecentMessages tail = new RecentMessages(TAIL_BYTES, LEASE, () -> 0L);
    private boolean stopped;

    HistoryProcess(World world) {
        this.kafka = world.kafka;
        this.database = world.database;
        this.random = world.random;
        this.trace = world.trace;
        this.bug = world.plan.bug();
    }

    boolean isStopped() {
        return stopped;
    }

    void stop(boolean now) {
        stopped = now;
    }

    /** Learns its assignment; false when nothing has changed. */
    boolean learn(List<Integer> assigned) {
        if (stopped) return false;
        var changed = positions.keySet().removeIf(p -> !assigned.contains(p) && released(p));
        for (var partition : assigned) {
            if (positions.containsKey(partition)) continue;
            positions.put(partition, null);
            changed = true;
        }
        return changed;
    }

    void crash() {
        trace.add(() -> "a history instance crashes");
        positions.clear();
        torn.clear();
        tail = new RecentMessages(TAIL_BYTES, LEASE, () -> 0L);
        stopped = false;
    }

    /** Reads a position, or stores some records; false when there is nothing to do. */
    boolean work() {
        if (stopped || positions.isEmpty()) return false;
        var partition = List.copyOf(positions.keySet()).get(random.nextInt(positions.size()));
        var half = torn.remove(partition);
        if (half != null) {
            stored(half);
            return true;
        }
        var position = positions.get(partition);
        if (position == null) {
            place(partition);
            return true;
        }
        return ingest(position);
    }

    /** Lets the outcome of a transaction be unknown, so that the position has to be read again. */
    boolean fail() {
        if (stopped || positions.isEmpty()) return false;
        var partition = List.copyOf(positions.keySet()).get(random.nextInt(positions.size()));
        var position = positions.get(partition);
        if (position == null) return false;
        var append = next(position);
        if (append != null && random.nextBoolean()) database.append(append);
        hold(partition);
        return true;
    }

    /** Reads a page from the tail; null when the tail does not have all of it, or when the instance is stopped. */
    @Nullable
    ReplayPage page(RoomId room, long epoch, long after, long to, int limit) {
        if (stopped) return null;
        return tail.page(new PageRequest(room, epoch, new PageRequest.Range.Forward(after, to), limit)).orElse(null);
    }

    private void place(int partition) {
        var log = kafka.events.get(partition);
        var stored = database.position(partition);
        var at = IngestRules.place(stored, TOPIC_ID, partition, log.begin(), log.end());
        if (at.equals(stored) || database.move(stored, at)) positions.put(partition, at);
    }

    private boolean ingest(Position position) {
        var append = next(position);
        if (append == null) return false;
        if (bug == Bug.POSITION_APART_FROM_ROWS) {
            if (database.advance(append)) torn.put(append.partition(), append);
            else
                hold(append.partition());
        } else if (database.append(append)) {
            stored(append);
            return true;
        } else {
            hold(append.partition());
        }
        return true;
    }

    private void stored(Append append) {
        if (bug == Bug.POSITION_APART_FROM_ROWS) database.store(append);
        tail.onStored(append.partition(), append.rows());
        positions.put(append.partition(), append.after());
    }

    private @Nullable Append next(Position position) {
        var log = kafka.events.get(position.partition());
        var records = new ArrayList<EventCodec.Sourced>();
        var end = Math.min(log.end(), position.nextOffset() + 1 + random.nextInt(8));
        for (var offset = (int) position.nextOffset(); offset < end; offset++) records.add(log.get(offset));
        return records.isEmpty() ? null : IngestRules.append(position, records, random.nextInt(16) == 0);
    }

    private void hold(int partition) {
        released(partition);
        positions.put(partition, null);
    }

    private boolean released(int partition) {
        tail.onReleased(partition);
        torn.remove(partition);
        return true;
    }
}
