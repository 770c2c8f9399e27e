package io.rejoin.contracts.log;

import io.rejoin.contracts.Source;
import java.util.List;

/**
 * Deliveries of one shard for one incarnation of one edge, pushed over the link together. Routers may group the same
 * deliveries in different batches. So each entry carries its own source.
 */
public record DeliveryBatch(String edge, long incarnation, List<Entry> entries) {
    public DeliveryBatch {
        entries = List.copyOf(entries);
    }

    /** One delivery, and the position in the command log that caused it. */
    public record Entry(Source source, Delivery delivery) {}
}
