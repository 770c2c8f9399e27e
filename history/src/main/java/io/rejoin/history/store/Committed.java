package io.rejoin.history.store;

import java.util.List;

/** Learns what the ingest of this instance has committed; called by the ingest's thread only. */
public interface Committed {
    /** New messages of a partition, in the log's order. They are in the database now. */
    void stored(int partition, List<MessageRow> rows);

    /** Messages of the partition may be in the database that this instance has not seen, or not told of. */
    void released(int partition);

    /**
     * The loop goes on; every two seconds at least, and twice in a lease. As long as this instance reaches Kafka's group
     * coordinator, no other has taken a partition over that is not released. Cut off from Kafka alone it does not learn that one has, and still says this.
     */
    default void reading() {}
}
