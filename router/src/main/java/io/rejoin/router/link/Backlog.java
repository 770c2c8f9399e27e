package io.rejoin.router.link;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.router.core.StateEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a shard has sent to one edge lately, and can send again on a new stream. Bounded: what is older is dropped, and an edge
 * that lacks it joins its members anew. Confined to one thread at a time.
 *
 * <p>A stream begins with a word of where it begins: after which delivery. That is enough for an edge to notice whatever it
 * missed. From there the stream goes on without a hole, and every router says the same of the same shard.
 */
public final class Backlog {
    /**
     * Where a stream begins, for one shard.
     *
     * @param incarnation of the edge that {@code after} was for; 0 where nothing was sent yet
     * @param after       the delivery before the first one that comes; null where nothing was sent yet
     */
    public record Begin(long incarnation, @Nullable Source after) {
        static final Begin NOTHING = new Begin(0, null);

        /** Where a stream begins that does not bring this batch. What came late, for an incarnation that had ended, moves nothing. */
        private Begin beyond(DeliveryBatch batch) {
            return batch.incarnation() < incarnation
                    ? this
                    : new Begin(batch.incarnation(), batch.entries().getLast().source());
        }
    }

    /** What a new stream brings first. */
    public record Continuation(Begin begin, List<DeliveryBatch> batches) {
        public Continuation {
            batches = List.copyOf(batches);
        }
    }

    private record Kept(DeliveryBatch batch, int bytes) {}

    private final LongSupplier mostBytes;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private Begin before;
    private long bytes;

    /**
     * Of a shard that begins here, or was taken over.
     *
     * @param chain     how far the edge was sent what is for it, as the shard's state says; null if it was sent nothing
     * @param mostBytes to be kept; asked each time, for it depends on how many edges there are
     */
    public Backlog(StateEntry.@Nullable Chain chain, LongSupplier mostBytes) {
        this.before = chain == null ? Begin.NOTHING : new Begin(chain.edge().incarnation(), chain.last());
        this.mostBytes = mostBytes;
    }

    /**
     * It is sent: a batch with the next deliveries in the order of the log.
     *
     * @param size of the batch on its way, in bytes
     */
    public void add(DeliveryBatch batch, int size) {
        kept.add(new Kept(batch, size));
        bytes += size;
        trim();
    }

    private void trim() {
        while (bytes > mostBytes.getAsLong()) drop();
    }

    /** The edge has taken everything up to there, in that incarnation: it will not ask for it again. */
    public void reached(long incarnation, Source position) {
        while (!kept.isEmpty() && isReached(kept.getFirst().batch(), incarnation, position)) drop();
    }

    private void drop() {
        var first = kept.removeFirst();
        bytes -= first.bytes();
        before = before.beyond(first.batch());
    }

    /**
     * What an edge lacks that is as far as that, as far as it is here.
     *
     * @param position in its present incarnation; null where it has taken nothing
     */
    public Continuation from(long incarnation, @Nullable Source position) {
        trim();
        var begin = before;
        var lacks = new ArrayList<DeliveryBatch>();
        for (var one : kept) {
            if (lacks.isEmpty() && position != null && isReached(one.batch(), incarnation, position))
                begin = begin.beyond(one.batch());
            else
                lacks.add(one.batch());
        }
        return new Continuation(begin, lacks);
    }

    private static boolean isReached(DeliveryBatch batch, long incarnation, Source position) {
        if (batch.incarnation() != incarnation) return batch.incarnation() < incarnation;
        return !batch.entries().getLast().source().isBeyond(position);
    }
}
