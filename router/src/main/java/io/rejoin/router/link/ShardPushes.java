package io.rejoin.router.link;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.FrameCodec;
import io.rejoin.router.core.StateEntry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one shard says to the edges, over whatever streams they have to this router. The shard pushes; streams begin and end beside
 * it. Safe for any thread; only {@link #awaitReached} waits.
 */
public final class ShardPushes {
    /** An edge that says nothing for so long stands still, or the network does: it says four times a second how far it comes. */
    static final Duration SILENT = Duration.ofMillis(1_500);

    /** The last that was said to each edge which has a stream. */
    public record Said(Map<String, Last> byEdge) {
        public Said {
            byEdge = Map.copyOf(byEdge);
        }

        /** The last delivery of an incarnation. */
        public record Last(long incarnation, Source source) {}
    }

    /** An edge's stream, how far the edge said to be with this shard, and what it was told last. */
    private final class Taker {
        final EdgeStream stream;
        long incarnation;
        @Nullable
        Source position;
        Said.@Nullable Last last;
        /** When it was heard last, or was told the first thing after that. */
        long quietSince;
        boolean isToldSince;

        Taker(EdgeStream stream, Positions positions, int partition) {
            this.stream = stream;
            move(positions, partition);
        }

        void move(Positions positions, int partition) {
            incarnation = positions.incarnation();
            position = positions.of(partition);
            quietSince = nanoTime.getAsLong();
            isToldSince = false;
        }

        void said(Backlog.Sent sent) {
            last = new Said.Last(sent.incarnation(), sent.last());
            if (isToldSince) return;
            quietSince = nanoTime.getAsLong();
            isToldSince = true;
        }

        /** It stands still, or the network does: it says soon how far it is when it was told something. */
        boolean isSilent() {
            return nanoTime.getAsLong() - quietSince > SILENT.toNanos();
        }

        boolean hasReached(Said.Last said) {
            if (incarnation != said.incarnation()) return incarnation > said.incarnation();
            return position != null && !said.source().isBeyond(position);
        }
    }

    private final int partition;
    private final LongSupplier mostBytes;
    private final LongSupplier nanoTime;
    private final Map<String, Backlog> backlogs = new HashMap<>();
    private final Map<String, Taker> takers = new HashMap<>();

    /**
     * Of a shard that was taken over.
     *
     * @param chains    how far each edge was sent what is for it, as the shard's state says
     * @param mostBytes that may be kept to be said again, for all edges together
     */
    public ShardPushes(int partition, Collection<StateEntry.Chain> chains, LongSupplier mostBytes) {
        this(partition, chains, mostBytes, System::nanoTime);
    }

    /** @param nanoTime by which edges are silent */
    ShardPushes(int partition, Collection<StateEntry.Chain> chains, LongSupplier mostBytes, LongSupplier nanoTime) {
        this.partition = partition;
        this.mostBytes = mostBytes;
        this.nanoTime = nanoTime;
        for (var chain : chains) backlogs.put(chain.edge().edge(), backlog(chain));
    }

    private Backlog backlog(StateEntry.@Nullable Chain chain) {
        return new Backlog(chain, () -> mostBytes.getAsLong() / Math.max(1, backlogs.size()));
    }

    private Backlog backlog(String edge) {
        var known = backlogs.get(edge);
        if (known != null) return known;
        var fresh = backlog((StateEntry.Chain) null);
        backlogs.put(edge, fresh);
        return fresh;
    }

    /**
     * Says what follows for an edge from the order of the log.
     *
     * @param value    the batch as {@link LogCodec#deliveries(DeliveryBatch)} writes it
     * @param contexts of traces, by the index of an entry
     */
    public synchronized void push(DeliveryBatch batch, byte[] value, Map<Integer, String> contexts) {
        var sent = new Backlog.Sent(batch.incarnation(), batch.entries().getLast().source(), value);
        backlog(batch.edge()).add(sent);
        var taker = takers.get(batch.edge());
        if (taker == null) return;
        taker.stream.say(FrameCodec.encode(new Frame.Deliveries(value, contexts)));
        taker.said(sent);
    }

    /** Says something beside the order of the log: whoever misses it is told again some time. */
    public synchronized void pushBeside(DeliveryBatch batch) {
        var taker = takers.get(batch.edge());
        if (taker != null) taker.stream.say(encode(LogCodec.deliveries(batch)));
    }

    /** Forgets edges that are not here, but for those which the shard's state still knows. */
    public synchronized void forgetAllBut(Set<String> known) {
        backlogs.keySet().removeIf(edge -> !known.contains(edge) && !takers.containsKey(edge));
    }

    /** What was said until now. */
    public synchronized Said said() {
        var byEdge = new HashMap<String, Said.Last>();
        takers.forEach((edge, taker) -> {
            if (taker.last != null) byEdge.put(edge, taker.last);
        });
        return new Said(byEdge);
    }

    /** Waits until every edge has taken that, is silent, or has lost its stream; within a bound, for an edge may be slow. */
    public synchronized void awaitReached(Said said, Duration atMost) throws InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        while (!isReached(said)) {
            var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (left <= 0) return;
            wait(left);
        }
    }

    private boolean isReached(Said said) {
        return said.byEdge().entrySet().stream().allMatch(one -> {
            var taker = takers.get(one.getKey());
            return taker == null || taker.isSilent() || taker.hasReached(one.getValue());
        });
    }

    /** An edge has opened a stream: it is brought what it lacks, as far as that is here. What is pushed from here on follows. */
    synchronized void begin(EdgeStream stream, Positions positions) {
        var edge = stream.hello().edge();
        var goesOn = backlog(edge).from(positions.incarnation(), positions.of(partition));
        var taker = new Taker(stream, positions, partition);
        takers.put(edge, taker);
        var begin = goesOn.begin();
        stream.say(FrameCodec.encode(new Frame.Begins(partition, begin.incarnation(), begin.after())));
        for (var sent : goesOn.batches()) {
            stream.say(encode(sent.value()));
            taker.said(sent);
        }
    }

    /** The edge says how far it is. */
    synchronized void reached(EdgeStream stream, Positions positions) {
        var taker = taker(stream);
        if (taker == null) return;
        taker.move(positions, partition);
        if (taker.position != null) backlog(stream.hello().edge()).reached(taker.incarnation, taker.position);
        notifyAll();
    }

    /** The shard has ended here. */
    synchronized void end() {
        takers.values().forEach(taker -> taker.stream.say(FrameCodec.encode(new Frame.Ends(partition))));
        takers.clear();
        notifyAll();
    }

    synchronized void ended(EdgeStream stream) {
        if (taker(stream) == null) return;
        takers.remove(stream.hello().edge());
        notifyAll();
    }

    /** Null where the edge has another stream by now, or none. */
    private @Nullable Taker taker(EdgeStream stream) {
        var taker = takers.get(stream.hello().edge());
        return taker == null || !taker.stream.equals(stream) ? null : taker;
    }

    private static byte[] encode(byte[] value) {
        return FrameCodec.encode(new Frame.Deliveries(value, Map.of()));
    }
}
