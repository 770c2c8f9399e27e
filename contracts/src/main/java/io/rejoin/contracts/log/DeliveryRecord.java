package io.rejoin.contracts.log;

import io.rejoin.contracts.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of an encoded {@link DeliveryBatch}, entry by entry. One unreadable entry does not affect the others.
 *
 * @param items in the order of the record
 */
public record DeliveryRecord(String edge, long incarnation, List<Item> items) {
    public DeliveryRecord {
        items = List.copyOf(items);
    }

    /** One element of the batch. */
    public sealed interface Item {
        /** A readable delivery with its source. */
        record Usable(DeliveryBatch.Entry entry) implements Item {}

        /**
         * An element that cannot be read.
         *
         * @param source of the delivery; null if it cannot be read either
         * @param type   name of the delivery's type; null if it cannot be read either
         */
        record Unusable(@Nullable Source source, @Nullable String type, String reason) implements Item {}
    }
}
