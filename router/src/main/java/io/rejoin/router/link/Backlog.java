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
    public record StreamStart(long incarnation, @Nullable Source after) {
        static final StreamStart NOTHING = new StreamStart(0, null);

        /**
         * The start of a stream that skips this batch. A late batch for an incarnation that has ended does not move the
         * start.
         */
        private StreamStart skip(SentBatch batch) {
            return batch.incarnation() < incarnation ? this : new StreamStart(batch.incarnation(), batch.last());
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
    public record SentBatch(long incarnation, Source last, byte[] value) {}

    /** The start of a new stream, and the batches to send on it first. */
    public record Continuation(StreamStart start, List<SentBatch> batches) {
        public Continuation {
            batches = List.copyOf(batches);
        }
    }

    private final LongSupplier maxBytes;
    private final ArrayDeque<SentBatch> kept = new ArrayDeque<>();
    /** The start of a stream that gets all kept batches. */
    private StreamStart keptStart;
    private long bytes;

    /**
     * Creates the backlog of a shard that was taken over, or is new.
     *
     * @param lastDelivery the last delivery to the edge, from the shard's state; null if nothing was sent
     * @param maxBytes     the most bytes to keep; evaluated each time, because it depends on the number of edges
     */
    public Backlog(StateEntry.@Nullable LastDelivery lastDelivery, LongSupplier maxBytes) {
        this.keptStart = lastDelivery == null
                ? StreamStart.NOTHING
                : new StreamStart(lastDelivery.edge().incarnation(), lastDelivery.last());
        this.maxBytes = maxBytes;
    }

    /** Adds a batch that is being sent. Its deliveries are the next ones in log order. */
    public void add(SentBatch batch) {
        kept.add(batch);
        bytes += batch.value().length;
        trim();
    }

    private void trim() {
        while (bytes > maxBytes.getAsLong()) dropFirst();
    }

    /** Drops the batches that the edge has received up to this position: it will not request them again. */
    public void dropReceived(long incarnation, Source position) {
        while (!kept.isEmpty() && isReceived(kept.getFirst(), incarnation, position)) dropFirst();
    }

    private void dropFirst() {
        var first = kept.removeFirst();
        bytes -= first.value().length;
        keptStart = keptStart.skip(first);
    }

    /**
     * The batches that an edge at this position is missing, as far as they are still in the buffer.
     *
     * @param position last delivery that the edge received in its current incarnation; null if none
     */
    public Continuation missingAfter(long incarnation, @Nullable Source position) {
        trim();
        var start = keptStart;
        var missing = new ArrayList<SentBatch>();
        for (var batch : kept) {
            if (missing.isEmpty() && position != null && isReceived(batch, incarnation, position))
                start = start.skip(batch);
            else
                missing.add(batch);
        }
        return new Continuation(start, missing);
    }

    private static boolean isReceived(SentBatch batch, long incarnation, Source position) {
        if (batch.incarnation() != incarnation) return batch.incarnation() < incarnation;
        return !batch.last().isBeyond(position);
    }
}
