package io.rejoin.history.store;

import io.rejoin.contracts.Source;
import org.jspecify.annotations.Nullable;

/**
 * The read position in a partition of {@code rejoin.events}.
 *
 * @param topicId    Kafka's id of the topic that the offset belongs to
 * @param nextOffset the offset of the next record to read
 * @param lastSource the last source that was processed; null before the first event
 */
public record Position(String topicId, int partition, long nextOffset, @Nullable Source lastSource) {
    /** A position in the same partition, with another offset and source. */
    public Position advancedTo(long nextOffset, @Nullable Source lastSource) {
        return new Position(topicId, partition, nextOffset, lastSource);
    }

    /**
     * Whether the event with this source is a router's repetition. Routers append the events of a partition in the
     * order of their sources. After a takeover, the new owner carries out the commands since the last checkpoint again,
     * and appends their events once more, with the same sources. So an event is a repetition if its source is not
     * beyond the last processed source.
     */
    public boolean isRepetition(Source source) {
        return lastSource != null && !source.isBeyond(lastSource);
    }
}
