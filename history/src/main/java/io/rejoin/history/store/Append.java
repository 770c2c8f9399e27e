package io.rejoin.history.store;

import java.util.List;

/**
 * The records that a transaction stores for one partition.
 *
 * @param before      the position from which the rows were read; the append is valid only if the database still has it
 * @param after       the position after the append
 * @param rows        new messages
 * @param repetitions messages that are repetitions by {@link Position#isRepetition}, so they should be stored already
 */
public record Append(Position before, Position after, List<MessageRow> rows, List<MessageRow> repetitions) {
    public Append {
        rows = List.copyOf(rows);
        repetitions = List.copyOf(repetitions);
    }

    public int partition() {
        return before.partition();
    }

    /** The result of appends. */
    public sealed interface Outcome {
        /**
         * The transaction is committed.
         *
         * @param appends the appends as stored: erased messages are replaced
         * @param revived number of repetitions that were not stored before; they are stored now
         * @param changed number of messages that are stored with another content, which stays
         * @param ownedAt a {@code System.nanoTime} within the transaction: no other instance had moved the positions
         *                until then
         */
        record Stored(List<Append> appends, int revived, int changed, long ownedAt) implements Outcome {
            public Stored {
                appends = List.copyOf(appends);
            }
        }

        /** Nothing is stored: another instance has moved the position of a partition. */
        record PositionMoved() implements Outcome {}
    }
}
