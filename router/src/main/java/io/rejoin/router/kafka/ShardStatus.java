package io.rejoin.router.kafka;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;

/**
 * How an assigned shard was a moment ago, for people.
 *
 * @param since  when that state began, by {@code System.nanoTime}
 * @param reason why it failed, until it has overcome that
 * @param next   offset of the next command to take
 * @param lag    command records that are not taken yet, those that wait in this router included, as far as that is known
 * @param unsettled for how many nanoseconds it has held what is in no checkpoint; null while it does not run
 */
public record ShardStatus(int partition, State state, @JsonIgnore long since, @Nullable String reason,
        @Nullable Long next, @Nullable Long lag, @JsonIgnore @Nullable Long unsettled) {
    /** What a shard does. */
    public enum State {
        /** Its state is being read. */
        TAKING_OVER,
        /** It takes commands. */
        RUNNING,
        /** It failed, and will be taken over again after a while. */
        WAITING
    }
}
