package io.rejoin.router.link;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkFrameCodec;
import io.rejoin.router.core.StateEntry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends one shard's deliveries to the edges that have a stream to this router. The shard pushes while streams open and
 * close concurrently. Safe for any thread; only {@link #awaitReached} blocks.
 */
public final class ShardPushes {
    /**
     * An edge that reports nothing for this long is stalled, or its network is. A healthy edge reports its positions
     * four times a second.
     */
    static final Duration SILENT = Duration.ofMillis(1_500);

    /** The last delivery that was sent to each edge with a stream. */
    public record LastSent(Map<String, Last> byEdge) {
        public LastSent {
            byEdge = Map.copyOf(byEdge);
        }

        /** The last delivery to an incarnation. */
        public record Last(long incarnation, Source source) {}
    }

    /** An edge's stream, the edge's reported position with this shard, and the last delivery sent to it. */
    private final class EdgeCursor {
        final EdgeStream stream;
        long incarnation;
        @Nullable
        Source position;
        LastSent.@Nullable Last last;
        /** The time of the edge's last report, or of the first delivery that was sent after the report. */
        long quietSince;
        boolean hasSentSinceReport;

        EdgeCursor(EdgeStream stream, Positions positions, int partition) {
            this.stream = stream;
            move(positions, partition);
        }

        void move(Positions positions, int partition) {
            incarnation = positions.incarnation();
            position = positions.of(partition);
            quietSince = nanoTime.getAsLong();
            hasSentSinceReport = false;
        }

        void lastSent(Backlog.Sent sent) {
            last = new LastSent.Last(sent.incarnation(), sent.last());
            if (hasSentSinceReport) return;
            quietSince = nanoTime.getAsLong();
            hasSentSinceReport = true;
        }

        /** Whether the edge or its network is stalled: a healthy edge reports its position soon after a delivery. */
        boolean isSilent() {
            return nanoTime.getAsLong() - quietSince > SILENT.toNanos();
        }

        boolean hasReached(LastSent.Last lastSent) {
            if (incarnation != lastSent.incarnation()) return incarnation > lastSent.incarnation();
            return position != null && !lastSent.source().isBeyond(position);
        }
    }

    private final int partition;
    private final LongSupplier mostBytes;
    private final LongSupplier nanoTime;
    private final Map<String, Backlog> backlogs = new HashMap<>();
    private final Map<String, EdgeCursor> takers = new HashMap<>();

    /**
     * Creates the pushes of a shard that was taken over.
     *
     * @param lastDeliveries    the last delivery to each edge, from the shard's state
     * @param mostBytes the most bytes to keep for sending again, for all edges together
     */
    public ShardPushes(int partition, Collection<StateEntry.LastDelivery> lastDeliveries, LongSupplier mostBytes) {
        this(partition, lastDeliveries, mostBytes, System::nanoTime);
    }

    /** @param nanoTime the stopwatch that measures the silence of edges */
    ShardPushes(int partition, Collection<StateEntry.LastDelivery> lastDeliveries, LongSupplier mostBytes,
            LongSupplier nanoTime) {
        this.partition = partition;
        this.mostBytes = mostBytes;
        this.nanoTime = nanoTime;
        for (var chain : lastDeliveries) backlogs.put(chain.edge().edge(), backlog(chain));
    }

    private Backlog backlog(StateEntry.@Nullable LastDelivery chain) {
        return new Backlog(chain, () -> mostBytes.getAsLong() / Math.max(1, backlogs.size()));
    }

    private Backlog backlog(String edge) {
        var known = backlogs.get(edge);
        if (known != null) return known;
        var fresh = backlog((StateEntry.LastDelivery) null);
        backlogs.put(edge, fresh);
        return fresh;
    }

    /**
     * Sends a batch that is part of the log order to its edge. Keeps it for sending again.
     *
     * @param value    the batch as {@link LogCodec#deliveries(DeliveryBatch)} encodes it
     * @param contexts trace contexts, by the index of an entry
     */
    public synchronized void push(DeliveryBatch batch, byte[] value, Map<Integer, String> contexts) {
        var sent = new Backlog.Sent(batch.incarnation(), batch.entries().getLast().source(), value);
        backlog(batch.edge()).add(sent);
        var taker = takers.get(batch.edge());
        if (taker == null) return;
        taker.stream.say(LinkFrameCodec.encode(new Frame.Deliveries(value, contexts)));
        taker.lastSent(sent);
    }

    /** Sends a batch outside the log order. It is not kept; an edge that misses it gets it again later. */
    public synchronized void pushUnordered(DeliveryBatch batch) {
        var taker = takers.get(batch.edge());
        if (taker != null) taker.stream.say(encode(LogCodec.deliveries(batch)));
    }

    /** Forgets the edges that have no stream here and are not in {@code known}, the edges in the shard's state. */
    public synchronized void forgetAllBut(Set<String> known) {
        backlogs.keySet().removeIf(edge -> !known.contains(edge) && !takers.containsKey(edge));
    }

    /** The last delivery that was sent to each edge so far. */
    public synchronized LastSent lastSent() {
        var byEdge = new HashMap<String, LastSent.Last>();
        takers.forEach((edge, taker) -> {
            if (taker.last != null) byEdge.put(edge, taker.last);
        });
        return new LastSent(byEdge);
    }

    /**
     * Waits until every edge has received these deliveries, is silent, or has lost its stream. Waits no longer than
     * {@code atMost}, because an edge may be slow.
     */
    public synchronized void awaitReached(LastSent lastSent, Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        while (!isReached(lastSent)) {
            var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (left <= 0) return;
            wait(left);
        }
    }

    private boolean isReached(LastSent lastSent) {
        return lastSent.byEdge().entrySet().stream().allMatch(one -> {
            var taker = takers.get(one.getKey());
            return taker == null || taker.isSilent() || taker.hasReached(one.getValue());
        });
    }

    /**
     * Starts a stream that an edge has opened: sends the batches that the edge is missing, as far as they are kept.
     * Later pushes follow them.
     */
    synchronized void begin(EdgeStream stream, Positions positions) {
        var edge = stream.hello().edge();
        var goesOn = backlog(edge).from(positions.incarnation(), positions.of(partition));
        var taker = new EdgeCursor(stream, positions, partition);
        takers.put(edge, taker);
        var begin = goesOn.begin();
        stream.say(LinkFrameCodec.encode(new Frame.Begins(partition, begin.incarnation(), begin.after())));
        for (var sent : goesOn.batches()) {
            stream.say(encode(sent.value()));
            taker.lastSent(sent);
        }
    }

    /** Takes the positions that an edge reports. */
    synchronized void reached(EdgeStream stream, Positions positions) {
        var taker = taker(stream);
        if (taker == null) return;
        taker.move(positions, partition);
        if (taker.position != null) backlog(stream.hello().edge()).reached(taker.incarnation, taker.position);
        notifyAll();
    }

    /** Announces to all edges that the shard has left this router. */
    synchronized void end() {
        takers.values().forEach(taker -> taker.stream.say(LinkFrameCodec.encode(new Frame.Ends(partition))));
        takers.clear();
        notifyAll();
    }

    synchronized void ended(EdgeStream stream) {
        if (taker(stream) == null) return;
        takers.remove(stream.hello().edge());
        notifyAll();
    }

    /** The edge's entry; null if the edge has another stream by now, or none. */
    private @Nullable EdgeCursor taker(EdgeStream stream) {
        var taker = takers.get(stream.hello().edge());
        return taker == null || !taker.stream.equals(stream) ? null : taker;
    }

    private static byte[] encode(byte[] value) {
        return LinkFrameCodec.encode(new Frame.Deliveries(value, Map.of()));
    }
}
