package io.rejoin.router.metrics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;

/**
 * The recent status of an assigned shard, for the health report.
 *
 * @param since     when this state began, by {@code System.nanoTime}
 * @param reason    why the shard failed; null once it has recovered
 * @param next      offset of the next command record to process
 * @param lag       command records that are not processed yet, including those queued in this router; null if not known
 * @param uncheckpointedNanos for how many nanoseconds the shard has held commands that are in no checkpoint; null while
 *                            it does not run
 */
public record ShardStatus(int partition, State state, @JsonIgnore long since, @Nullable String reason,
        @Nullable Long next, @Nullable Long lag, @JsonIgnore @Nullable Long uncheckpointedNanos) {
    /** The states of an assigned shard. */
    public enum State {
        /** The shard's state is being read. */
        TAKING_OVER,
        /** The shard processes commands. */
        RUNNING,
        /** The shard failed and is taken over again after a backoff. */
        WAITING
    }
}
