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
 * close concurrently. Safe for any thread; only {@link #awaitReceived} blocks.
 */
public final class ShardPushes {
    /**
     * An edge that reports nothing for this long is stalled, or its network is. A healthy edge reports its positions
     * four times a second.
     */
    static final Duration MAX_SILENCE = Duration.ofMillis(1_500);

    /** The last delivery that was sent to each edge with a stream. */
    public record LastSent(Map<String, SentPosition> byEdge) {
        public LastSent {
            byEdge = Map.copyOf(byEdge);
        }

        /** The last delivery to an incarnation. */
        public record SentPosition(long incarnation, Source source) {}
    }

    /** An edge's stream, the edge's reported position with this shard, and the last delivery sent to it. */
    private final class ConnectedEdge {
        final EdgeStream stream;
        long incarnation;
        @Nullable
        Source position;
        LastSent.@Nullable SentPosition lastSent;
        /** The time of the edge's last report, or of the first delivery that was sent after the report. */
        long silentSince;
        boolean hasSentSinceReport;

        ConnectedEdge(EdgeStream stream, ReportedPositions positions, int partition) {
            this.stream = stream;
            setPosition(positions, partition);
        }

        void setPosition(ReportedPositions positions, int partition) {
            incarnation = positions.incarnation();
            position = positions.ofPartition(partition);
            silentSince = nanoTime.getAsLong();
            hasSentSinceReport = false;
        }

        void onSent(Backlog.SentBatch batch) {
            lastSent = new LastSent.SentPosition(batch.incarnation(), batch.last());
            if (hasSentSinceReport) return;
            silentSince = nanoTime.getAsLong();
            hasSentSinceReport = true;
        }

        /** Whether the edge or its network is stalled: a healthy edge reports its position soon after a delivery. */
        boolean isSilent() {
            return nanoTime.getAsLong() - silentSince > MAX_SILENCE.toNanos();
        }

        boolean hasReceived(LastSent.SentPosition sentPosition) {
            if (incarnation != sentPosition.incarnation()) return incarnation > sentPosition.incarnation();
            return position != null && !sentPosition.source().isBeyond(position);
        }
    }

    private final int partition;
    private final LongSupplier maxBytes;
    private final LongSupplier nanoTime;
    private final Map<String, Backlog> backlogs = new HashMap<>();
    private final Map<String, ConnectedEdge> connectedEdges = new HashMap<>();

    /**
     * Creates the pushes of a shard that was taken over.
     *
     * @param lastDeliveries the last delivery to each edge, from the shard's state
     * @param maxBytes       the most bytes to keep for sending again, for all edges together
     */
    public ShardPushes(int partition, Collection<StateEntry.LastDelivery> lastDeliveries, LongSupplier maxBytes) {
        this(partition, lastDeliveries, maxBytes, System::nanoTime);
    }

    /** @param nanoTime the stopwatch that measures the silence of edges */
    ShardPushes(int partition, Collection<StateEntry.LastDelivery> lastDeliveries, LongSupplier maxBytes,
            LongSupplier nanoTime) {
        this.partition = partition;
        this.maxBytes = maxBytes;
        this.nanoTime = nanoTime;
        for (var lastDelivery : lastDeliveries) backlogs.put(lastDelivery.edge().edge(), backlog(lastDelivery));
    }

    private Backlog backlog(StateEntry.@Nullable LastDelivery lastDelivery) {
        return new Backlog(lastDelivery, () -> maxBytes.getAsLong() / Math.max(1, backlogs.size()));
    }

    private Backlog backlog(String edge) {
        var existing = backlogs.get(edge);
        if (existing != null) return existing;
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
        var sent = new Backlog.SentBatch(batch.incarnation(), batch.entries().getLast().source(), value);
        backlog(batch.edge()).add(sent);
        var connectedEdge = connectedEdges.get(batch.edge());
        if (connectedEdge == null) return;
        connectedEdge.stream.send(LinkFrameCodec.encode(new Frame.Deliveries(value, contexts)));
        connectedEdge.onSent(sent);
    }

    /** Sends a batch outside the log order. It is not kept; an edge that misses it gets it again later. */
    public synchronized void pushUnordered(DeliveryBatch batch) {
        var connectedEdge = connectedEdges.get(batch.edge());
        if (connectedEdge != null) connectedEdge.stream.send(encode(LogCodec.deliveries(batch)));
    }

    /** Forgets the edges that have no stream here and are not in {@code known}, the edges in the shard's state. */
    public synchronized void forgetAllBut(Set<String> known) {
        backlogs.keySet().removeIf(edge -> !known.contains(edge) && !connectedEdges.containsKey(edge));
    }

    /** The last delivery that was sent to each edge so far. */
    public synchronized LastSent lastSent() {
        var byEdge = new HashMap<String, LastSent.SentPosition>();
        connectedEdges.forEach((edge, connectedEdge) -> {
            if (connectedEdge.lastSent != null) byEdge.put(edge, connectedEdge.lastSent);
        });
        return new LastSent(byEdge);
    }

    /**
     * Waits until every edge has received these deliveries, is silent, or has lost its stream. Waits no longer than
     * {@code timeout}, because an edge may be slow.
     */
    public synchronized void awaitReceived(LastSent lastSent, Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + timeout.toNanos();
        while (!isReceivedByAll(lastSent)) {
            var remainingMillis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (remainingMillis <= 0) return;
            wait(remainingMillis);
        }
    }

    private boolean isReceivedByAll(LastSent lastSent) {
        return lastSent.byEdge().entrySet().stream().allMatch(entry -> {
            var connectedEdge = connectedEdges.get(entry.getKey());
            return connectedEdge == null || connectedEdge.isSilent() || connectedEdge.hasReceived(entry.getValue());
        });
    }

    /**
     * Starts a stream that an edge has opened: sends the batches that the edge is missing, as far as they are kept.
     * Later pushes follow them.
     */
    synchronized void startStream(EdgeStream stream, ReportedPositions positions) {
        var edge = stream.hello().edge();
        var continuation = backlog(edge).missingAfter(positions.incarnation(), positions.ofPartition(partition));
        var connectedEdge = new ConnectedEdge(stream, positions, partition);
        connectedEdges.put(edge, connectedEdge);
        var start = continuation.start();
        stream.send(LinkFrameCodec.encode(new Frame.Begins(partition, start.incarnation(), start.after())));
        for (var sent : continuation.batches()) {
            stream.send(encode(sent.value()));
            connectedEdge.onSent(sent);
        }
    }

    /** Records the positions that an edge reports. */
    synchronized void updatePositions(EdgeStream stream, ReportedPositions positions) {
        var connectedEdge = connectedEdge(stream);
        if (connectedEdge == null) return;
        connectedEdge.setPosition(positions, partition);
        var position = connectedEdge.position;
        if (position != null) backlog(stream.hello().edge()).dropReceived(connectedEdge.incarnation, position);
        notifyAll();
    }

    /** Announces to all edges that the shard has left this router. */
    synchronized void endStreams() {
        var frame = LinkFrameCodec.encode(new Frame.Ends(partition));
        connectedEdges.values().forEach(connectedEdge -> connectedEdge.stream.send(frame));
        connectedEdges.clear();
        notifyAll();
    }

    synchronized void removeStream(EdgeStream stream) {
        if (connectedEdge(stream) == null) return;
        connectedEdges.remove(stream.hello().edge());
        notifyAll();
    }

    /** The edge's entry; null if the edge has another stream by now, or none. */
    private @Nullable ConnectedEdge connectedEdge(EdgeStream stream) {
        var connectedEdge = connectedEdges.get(stream.hello().edge());
        return connectedEdge == null || !connectedEdge.stream.equals(stream) ? null : connectedEdge;
    }

    private static byte[] encode(byte[] value) {
        return LinkFrameCodec.encode(new Frame.Deliveries(value, Map.of()));
    }
}
