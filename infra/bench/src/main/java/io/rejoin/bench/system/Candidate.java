package io.rejoin.bench.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A system that can be measured, with a choice of how many servers of each kind it has. */
public interface Candidate {
    /** As it is told apart on the command line and in the tables: lower case, with dashes. */
    String name();

    /** What it is, in a line for readers of the table. */
    String description();

    /** Whether it is Rejoin: pictures show that. */
    default boolean isOurs() {
        return false;
    }

    /** Why it cannot be started on this machine, for people; nothing where it can. */
    default Optional<String> missing() {
        return Optional.empty();
    }

    /** Whether a member that lost its connection can have what it missed. */
    boolean resumes();

    /** Whether all members of a room get its messages in one order; else only those of each poster come in theirs. */
    default boolean keepsOrder() {
        return true;
    }

    /**
     * Starts all of its servers, with empty storage, and returns once they serve clients.
     *
     * @param folder an empty one, for data and logs; whoever calls deletes it afterwards
     * @throws IOException           when a server cannot be started
     * @throws IllegalStateException when one is not ready in time; with the end of what it said
     */
    Deployment start(Path folder) throws IOException;
}
