package io.rejoin.contracts.log;

import io.rejoin.contracts.Source;
import java.util.List;

/**
 * What is pushed over the link at once: what one shard has for one incarnation of one edge. How entries are
 * grouped may differ from router to router; so each carries its own source.
 */
public record DeliveryBatch(String edge, long incarnation, List<Entry> entries) {
    public DeliveryBatch {
        entries = List.copyOf(entries);
    }

    /** One delivery and the place in the command log it comes from. */
    public record Entry(Source source, Delivery delivery) {}
}
