package io.rejoin.bench.system;

import io.rejoin.bench.load.Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A running candidate. Not thread-safe, but another thread may close it. */
public interface Deployment extends AutoCloseable {
    /** A name of {@link io.rejoin.bench.load.Dialects}. */
    String dialect();

    /** The addresses for clients, which are distributed evenly over them. */
    List<Address> addresses();

    /**
     * The ids of all server processes by part, {@code edge} or {@code redis} for instance, in the order in which a
     * message passes the parts. Computed anew on each call, because servers may start further processes.
     */
    Map<String, List<Long>> pids();

    /**
     * The number of requests that the message broker has received so far, by kind; empty where no broker counts them.
     */
    default Map<String, Long> requests() {
        return Map.of();
    }

    /** The base URL of the history service, without a slash at the end; only for Rejoin. */
    default Optional<String> history() {
        return Optional.empty();
    }

    /**
     * Makes the servers collect all their garbage now.
     *
     * @return false where they cannot be told to
     */
    default boolean collectGarbage() {
        return false;
    }

    /** Ends all servers. */
    @Override
    void close();
}
