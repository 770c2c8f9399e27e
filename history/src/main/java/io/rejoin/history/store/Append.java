package io.rejoin.history.store;

import java.util.List;

/**
 * What one partition adds in one transaction.
 *
 * @param before      the position the rows were read from: the append counts only if the database still has it
 * @param after       the position once they are stored
 * @param rows        new messages
 * @param repetitions messages that the drop rule takes for repetitions, so that they should be stored already
 */
public record Append(Position before, Position after, List<MessageRow> rows, List<MessageRow> repetitions) {
    public Append {
        rows = List.copyOf(rows);
        repetitions = List.copyOf(repetitions);
    }

    public int partition() {
        return before.partition();
    }

    /** How an append ended. */
    public sealed interface Outcome {
        /**
         * Committed.
         *
         * @param appends as they are stored: without what is erased
         * @param revived how many of the repetitions were none: they were not stored before, and are now
         * @param changed how many messages were stored before with another content, which stays
         * @param ownedAt a {@code System.nanoTime} within the transaction: nobody had moved the positions by then
         */
        record Stored(List<Append> appends, int revived, int changed, long ownedAt) implements Outcome {
            public Stored {
                appends = List.copyOf(appends);
            }
        }

        /** Nothing was done: somebody else has moved the position of a partition. */
        record Displaced() implements Outcome {}
    }
}
