package io.rejoin.bench.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A system that can be measured, with a fixed number of servers of each kind. */
public interface Candidate {
    /** Its name on the command line and in the tables: lower case, with dashes. */
    String name();

    /** Describes the system in one line, for readers of the table. */
    String description();

    /** Whether it is Rejoin; the picture highlights it. */
    default boolean isOurs() {
        return false;
    }

    /** The reason why it cannot be started on this machine, as text for people; empty if it can. */
    default Optional<String> missing() {
        return Optional.empty();
    }

    /** Whether a member that lost its connection can get the messages that it missed. */
    boolean resumes();

    /**
     * Whether all members of a room receive its messages in one order. If not, only the messages of each poster arrive
     * in order.
     */
    default boolean keepsOrder() {
        return true;
    }

    /**
     * Starts all servers, with empty storage, and returns once they serve clients.
     *
     * @param folder an empty folder for data and logs; the caller deletes it afterwards
     * @throws IOException           when a server cannot be started
     * @throws IllegalStateException when a server is not ready in time; the message has the end of its output
     */
    Deployment start(Path folder) throws IOException;
}
