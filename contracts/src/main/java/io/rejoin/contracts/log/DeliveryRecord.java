package io.rejoin.contracts.log;

import io.rejoin.contracts.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the bytes of a {@link DeliveryBatch}, entry by entry. One that cannot be read
 * costs no other.
 *
 * @param items in the order of the record
 */
public record DeliveryRecord(String edge, long incarnation, List<Item> items) {
    public DeliveryRecord {
        items = List.copyOf(items);
    }

    /** One place of the list. */
    public sealed interface Item {
        /** A delivery with its source. */
        record Usable(DeliveryBatch.Entry entry) implements Item {}

        /**
         * Something else.
         *
         * @param source where it comes from; null if that cannot be read either
         * @param type   what it calls itself; null if that cannot be read either
         */
        record Unusable(@Nullable Source source, @Nullable String type, String reason) implements Item {}
    }
}
