package io.rejoin.contracts.log;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.function.Function;

/**
 * Writes batches of deliveries for several edges. What stands in more than one of them, the same instance, is encoded once. It
 * keeps what it has encoded: one is for what is emitted together, and not longer. Confined to one thread.
 */
public final class DeliveryEncoder {
    private final IdentityHashMap<Delivery, byte[]> written = new IdentityHashMap<>();
    private final Function<Delivery, byte[]> writing;

    public DeliveryEncoder() {
        this(DeliveryCodec::write);
    }

    /** Writes each delivery in another way. */
    DeliveryEncoder(Function<Delivery, byte[]> writing) {
        this.writing = writing;
    }

    /** The bytes of a batch, as {@link LogCodec#deliveries(DeliveryBatch)} writes it. */
    public byte[] encode(DeliveryBatch batch) {
        var deliveries = new ArrayList<byte[]>(batch.entries().size());
        for (var entry : batch.entries())
            deliveries.add(written.computeIfAbsent(entry.delivery(), writing));
        return DeliveryCodec.write(batch, deliveries);
    }
}
