package io.rejoin.history.store;

import io.rejoin.contracts.Source;
import org.jspecify.annotations.Nullable;

/**
 * How far a partition of {@code rejoin.events} has been read.
 *
 * @param topicId Kafka's id of the topic that the offset belongs to
 * @param next    the offset to read next
 * @param last    the last source taken; null before the first event
 */
public record Position(String topicId, int partition, long next, @Nullable Source last) {
    /** The same partition, read up to {@code next}. */
    public Position advancedTo(long next, @Nullable Source last) {
        return new Position(topicId, partition, next, last);
    }

    /** Whether an event from there is a router's repetition after a takeover: not beyond the last one taken. */
    public boolean repeats(Source source) {
        return last != null && !source.isBeyond(last);
    }
}
