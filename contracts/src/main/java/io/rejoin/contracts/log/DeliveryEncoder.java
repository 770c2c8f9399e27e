package io.rejoin.contracts.log;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.function.Function;

/**
 * Encodes batches of deliveries for several edges. A delivery that is the same instance in several batches is encoded
 * once. The encoder keeps all encoded bytes, so use one encoder only for deliveries that are emitted together. Confined
 * to one thread.
 */
public final class DeliveryEncoder {
    private final IdentityHashMap<Delivery, byte[]> encodedDeliveries = new IdentityHashMap<>();
    private final Function<Delivery, byte[]> encodeFunction;

    public DeliveryEncoder() {
        this(DeliveryCodec::write);
    }

    /** Encodes each delivery with the given function. */
    DeliveryEncoder(Function<Delivery, byte[]> encodeFunction) {
        this.encodeFunction = encodeFunction;
    }

    /** Encodes a batch, as {@link LogCodec#deliveries(DeliveryBatch)} does. */
    public byte[] encode(DeliveryBatch batch) {
        var encoded = new ArrayList<byte[]>(batch.entries().size());
        for (var entry : batch.entries())
            encoded.add(encodedDeliveries.computeIfAbsent(entry.delivery(), encodeFunction));
        return DeliveryCodec.write(batch, encoded);
    }
}
