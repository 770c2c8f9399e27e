package io.rejoin.bench.system;

import io.rejoin.bench.load.Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A candidate that runs. Of one thread; another one may close it. */
public interface Deployment extends AutoCloseable {
    /** A name of {@link io.rejoin.bench.load.Dialects}. */
    String dialect();

    /** Where clients connect; they are dealt out evenly. */
    List<Address> addresses();

    /**
     * All server processes by what they are, {@code edge} or {@code redis}, in the order of a message's way; asked anew each
     * time, since servers may start more.
     */
    Map<String, List<Long>> pids();

    /** Requests that the message broker got so far, by kind; empty where there is none that counts them. */
    default Map<String, Long> requests() {
        return Map.of();
    }

    /** Where history tells missed messages by HTTP, without a slash at the end; of Rejoin alone. */
    default Optional<String> history() {
        return Optional.empty();
    }

    /**
     * Lets servers collect all their garbage now.
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
