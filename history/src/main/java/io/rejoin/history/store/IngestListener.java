package io.rejoin.history.store;

import java.util.List;

/** A listener for the commits of this instance's ingest. Only the ingest's thread calls it. */
public interface IngestListener {
    /** New messages of a partition, in the order of the log. They are already committed. */
    void onStored(int partition, List<MessageRow> rows);

    /**
     * The partition was released. The database may now hold messages of the partition that {@link #onStored} did not
     * announce.
     */
    void onReleased(int partition);

    /**
     * The ingest's loop runs, and this instance still owns every partition that {@link #onReleased} has not announced.
     * Called at least every two seconds, and at least twice within a lease.
     *
     * <p>The call proves ownership only while this instance reaches Kafka's group coordinator. If this instance runs on
     * without a connection to Kafka, another instance may take over its partitions. This instance does not notice that,
     * and the calls continue.
     */
    default void onPolled() {}
}
