package io.rejoin.history.store;

import java.util.List;

/** A listener for the commits of this instance's ingest. Only the ingest's thread calls it. */
public interface IngestListener {
    /** New messages of a partition, in the order of the log. They are already committed. */
    void stored(int partition, List<MessageRow> rows);

    /**
     * The partition was released. The database may now hold messages of the partition that {@link #stored} did not
     * announce.
     */
    void released(int partition);

    /**
     * The loop runs. Called at least every two seconds, and at least twice within a lease. As long as this instance
     * reaches Kafka's group coordinator, this call means: no other instance has taken over a partition that is not
     * released. If only the connection to Kafka is lost, this instance does not notice a takeover, and the calls
     * continue.
     */
    default void reading() {}
}
