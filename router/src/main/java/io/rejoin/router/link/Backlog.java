package io.rejoin.router.link;

import io.rejoin.contracts.Source;
import io.rejoin.router.core.StateEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded buffer of the batches that a shard has recently sent to one edge, to send them again on a new stream. Older
 * batches are dropped; an edge that missed a dropped batch joins its members again. Confined to one thread at a time.
 *
 * <p>A stream starts with the delivery that it continues after. So an edge can detect any delivery that it missed. From
 * there on the stream has no gaps. Every router sends the same deliveries for the same shard.
 */
public final class Backlog {
    /**
     * The start of a stream, for one shard.
     *
     * @param incarnation of the edge that {@code after} was sent to; 0 if nothing was sent yet
     * @param after       the delivery before the first one in the stream; null if nothing was sent yet
     */
    public record Begin(long incarnation, @Nullable Source after) {
        static final Begin NOTHING = new Begin(0, null);

        /**
         * The start of a stream that skips this batch. A late batch for an incarnation that has ended does not move the
         * start.
         */
        private Begin beyond(Sent sent) {
            return sent.incarnation() < incarnation ? this : new Begin(sent.incarnation(), sent.last());
        }
    }

    /**
     * A batch that was sent.
     *
     * @param incarnation of the edge that the batch was sent to
     * @param last        source of the last delivery in the batch
     * @param value       the encoded batch; not copied, must never change
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, and never compared
    public record Sent(long incarnation, Source last, byte[] value) {}

    /** The start of a new stream, and the batches to send on it first. */
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
     * Creates the backlog of a shard that was taken over, or is new.
     *
     * @param chain     the last delivery to the edge, from the shard's state; null if nothing was sent
     * @param mostBytes the most bytes to keep; evaluated each time, because it depends on the number of edges
     */
    public Backlog(StateEntry.@Nullable LastDelivery chain, LongSupplier mostBytes) {
        this.before = chain == null ? Begin.NOTHING : new Begin(chain.edge().incarnation(), chain.last());
        this.mostBytes = mostBytes;
    }

    /** Adds a batch that is being sent. Its deliveries are the next ones in log order. */
    public void add(Sent sent) {
        kept.add(sent);
        bytes += sent.value().length;
        trim();
    }

    private void trim() {
        while (bytes > mostBytes.getAsLong()) drop();
    }

    /** Drops the batches that the edge has received up to this position: it will not request them again. */
    public void reached(long incarnation, Source position) {
        while (!kept.isEmpty() && isReached(kept.getFirst(), incarnation, position)) drop();
    }

    private void drop() {
        var first = kept.removeFirst();
        bytes -= first.value().length;
        before = before.beyond(first);
    }

    /**
     * The batches that an edge at this position is missing, as far as they are still in the buffer.
     *
     * @param position last delivery that the edge received in its current incarnation; null if none
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
