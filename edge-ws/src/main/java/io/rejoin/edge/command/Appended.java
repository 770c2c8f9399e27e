package io.rejoin.edge.command;

import java.util.Map;

/** Hears of each record of commands once it is durable. Called on a thread of Kafka's client: must not block. */
@FunctionalInterface
public interface Appended {
    /** Wherever nobody wants to know. */
    Appended UNTOLD = (_, _, _, _, _, _) -> {};

    /**
     * The command log has that record.
     *
     * @param offset   that the log gave it
     * @param ts       the time that the log gave it
     * @param key      not copied, never changed, as is the value
     * @param contexts of the traces that commands belong to, by their index
     */
    void appended(int partition, long offset, long ts, byte[] key, byte[] value, Map<Integer, String> contexts);
}
