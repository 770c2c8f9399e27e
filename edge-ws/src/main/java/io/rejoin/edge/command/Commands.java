package io.rejoin.edge.command;

import io.rejoin.contracts.log.Command;
import io.rejoin.tracing.Step;
import org.jspecify.annotations.Nullable;

/** Appends an edge's commands to the command log, in the order they are given. Safe for any thread. */
public interface Commands {
    /** The callback for the end of an append. Called once, on a thread of the log: must not block. */
    @FunctionalInterface
    interface AppendCallback {
        /**
         * Handles the end of the append.
         *
         * @param failure null if the command is durable, else why its outcome is unknown
         */
        void onCompletion(@Nullable Exception failure);
    }

    /**
     * Queues a command to append. Never blocks.
     *
     * @param bytes      the estimated size of the encoded command. The content of a post is counted in characters of
     *                   the client's frame, so a post can be larger than estimated
     * @param parentStep the trace step that it follows from; {@link Step#NONE} if not traced
     * @return false if the queue is full or closed: the command is not appended, and the callback is not called
     */
    boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback);

    /** Queues a command that is not traced. */
    default boolean append(Command.OfRoom command, int bytes, AppendCallback callback) {
        return append(command, bytes, Step.NONE, callback);
    }

    /** Whether nothing can be appended any more. */
    boolean isClosed();
}
