package io.rejoin.history.store;

import io.rejoin.contracts.Source;
import org.jspecify.annotations.Nullable;

/**
 * The read position in a partition of {@code rejoin.events}.
 *
 * @param topicId Kafka's id of the topic that the offset belongs to
 * @param next    the offset of the next record to read
 * @param last    the last source taken; null before the first event
 */
public record Position(String topicId, int partition, long next, @Nullable Source last) {
    /** A position in the same partition, with another offset and source. */
    public Position advancedTo(long next, @Nullable Source last) {
        return new Position(topicId, partition, next, last);
    }

    /**
     * Whether the event with this source is a router's repetition. Routers append the events of a partition in the
     * order of their sources. After a takeover, the new owner carries out the commands since the last checkpoint again,
     * and appends their events once more, with the same sources. So an event is a repetition if its source is not
     * beyond the last source taken.
     */
    public boolean repeats(Source source) {
        return last != null && !source.isBeyond(last);
    }
}
