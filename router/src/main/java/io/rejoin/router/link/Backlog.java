package io.rejoin.router.link;

import io.rejoin.contracts.Source;
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
        private Begin beyond(Sent sent) {
            return sent.incarnation() < incarnation ? this : new Begin(sent.incarnation(), sent.last());
        }
    }

    /**
     * A batch that was sent.
     *
     * @param incarnation of the edge that it is for
     * @param last        the source of its last delivery
     * @param value       as it is on its way; not copied, never changed
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, and never compared
    public record Sent(long incarnation, Source last, byte[] value) {}

    /** What a new stream brings first. */
    public record Continuation(Begin begin, List<Sent> batches) {
        public Continuation {
            batches = List.copyOf(batches);
        }
    }

    private final LongSupplier mostBytes;
    private final ArrayDeque<Sent> kept = new ArrayDeque<>();
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

    /** It is sent: a batch with the next deliveries in the order of the log. */
    public void add(Sent sent) {
        kept.add(sent);
        bytes += sent.value().length;
        trim();
    }

    private void trim() {
        while (bytes > mostBytes.getAsLong()) drop();
    }

    /** The edge has taken everything up to there, in that incarnation: it will not ask for it again. */
    public void reached(long incarnation, Source position) {
        while (!kept.isEmpty() && isReached(kept.getFirst(), incarnation, position)) drop();
    }

    private void drop() {
        var first = kept.removeFirst();
        bytes -= first.value().length;
        before = before.beyond(first);
    }

    /**
     * What an edge lacks that is as far as that, as far as it is here.
     *
     * @param position in its present incarnation; null where it has taken nothing
     */
    public Continuation from(long incarnation, @Nullable Source position) {
        trim();
        var begin = before;
        var lacks = new ArrayList<Sent>();
        for (var one : kept) {
            if (lacks.isEmpty() && position != null && isReached(one, incarnation, position))
                begin = begin.beyond(one);
            else
                lacks.add(one);
        }
        return new Continuation(begin, lacks);
    }

    private static boolean isReached(Sent sent, long incarnation, Source position) {
        if (sent.incarnation() != incarnation) return sent.incarnation() < incarnation;
        return !sent.last().isBeyond(position);
    }
}
