package io.rejoin.edge.command;

import java.util.Map;

/** Is called for each record of commands once it is durable. Runs on a thread of Kafka's client: must not block. */
@FunctionalInterface
public interface AppendListener {
    /** Does nothing. */
    AppendListener NONE = (_, _, _, _, _, _) -> {};

    /**
     * Handles a record that the command log has stored.
     *
     * @param offset   the record's offset in the log
     * @param ts       the record's timestamp from the log
     * @param key      the record's key; neither copied nor changed, like the value
     * @param contexts the trace contexts of commands, by their index in the record
     */
    void onAppended(int partition, long offset, long ts, byte[] key, byte[] value, Map<Integer, String> contexts);
}
