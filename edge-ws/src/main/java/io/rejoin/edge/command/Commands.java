package io.rejoin.edge.command;

import io.rejoin.contracts.log.Command;
import io.rejoin.tracing.Step;
import org.jspecify.annotations.Nullable;

/** Where an edge's commands are appended, in the order they are given. Safe for any thread. */
public interface Commands {
    /** Learns how an append ended. Called once, on a thread of the log: must not block. */
    @FunctionalInterface
    interface Outcome {
        /**
         * The append has ended.
         *
         * @param unknown null when the command is durable, else why its fate is not known
         */
        void appended(@Nullable Exception unknown);
    }

    /**
     * Takes a command to append. Never blocks.
     *
     * @param bytes about how large its JSON is
     * @param after what it follows from, if that is traced
     * @return false when the queue is full, or closed: nothing was or will be done, and the outcome is not called
     */
    boolean append(Command.OfRoom command, int bytes, Step after, Outcome outcome);

    /** The same of what is not traced. */
    default boolean append(Command.OfRoom command, int bytes, Outcome outcome) {
        return append(command, bytes, Step.NONE, outcome);
    }

    /** Whether nothing can be appended any more. */
    boolean isClosed();
}
