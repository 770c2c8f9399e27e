package io.rejoin.link;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A frame on a stream. Edges send {@link Hello}, {@link Positions} and {@link Appended}; routers send the others. */
public sealed interface Frame {
    /**
     * The first frame from an edge.
     *
     * @param edge        id of the edge
     * @param incarnation current incarnation of the edge
     * @param positions   source of the last delivery that the edge has received from each shard, in this incarnation
     * @param log         id of the topic to which the edge appends commands; null if the edge does not send
     *                    {@link Appended}
     */
    record Hello(String edge, long incarnation, List<Source> positions, @Nullable String log) implements Frame {
        public Hello {
            var _ = new EdgeRef(edge, incarnation, 0); // validates edge and incarnation
            positions = List.copyOf(positions);
        }

        /** Creates the frame of an edge that does not send {@link Appended}. */
        public Hello(String edge, long incarnation, List<Source> positions) {
            this(edge, incarnation, positions, null);
        }
    }

    /**
     * The current position of an edge, as in {@link Hello}. An edge sends it regularly, so the router can detect an
     * edge that has failed.
     */
    record Positions(long incarnation, List<Source> positions) implements Frame {
        public Positions {
            positions = List.copyOf(positions);
        }
    }

    /**
     * A durable record that the edge has appended to the command log. The router need not fetch this record. It fetches
     * every record that it does not receive this way, so any of these frames may be lost.
     *
     * @param partition of the command log
     * @param offset    of the record in the log
     * @param ts        log time of the record
     * @param key       of the record; key and value are not copied and must never change
     * @param contexts  trace contexts of commands, by the index of the command
     */
    @SuppressWarnings("ArrayRecordComponent") // the array is shared, and frames are never compared
    record Appended(int partition, long offset, long ts, byte[] key, byte[] value, Map<Integer, String> contexts)
            implements
                Frame {
        public Appended {
            if (key.length > MAX_KEY) throw new IllegalArgumentException("key too large: " + key.length + " bytes");
            contexts = Map.copyOf(contexts);
        }
    }

    /** Maximum length of a key, in bytes. */
    int MAX_KEY = 65_535;

    /**
     * The router now has this shard: its deliveries follow on this stream.
     *
     * @param partition   of the command log
     * @param incarnation incarnation of the edge that received {@code after}; 0 if {@code after} is null
     * @param after       source of the last delivery before those that follow; null if the shard knows of none
     */
    record Begins(int partition, long incarnation, @Nullable Source after) implements Frame {}

    /**
     * The router does not have the shard any more. No deliveries of the shard arrive until another router sends
     * {@link Begins}.
     */
    record Ends(int partition) implements Frame {}

    /**
     * Deliveries of one shard for one incarnation of the edge.
     *
     * @param value    the encoded batch, as from {@code LogCodec.deliveries}; not copied, must never change
     * @param contexts trace contexts of deliveries, by the index of the delivery
     */
    @SuppressWarnings("ArrayRecordComponent") // the array is shared, and frames are never compared
    record Deliveries(byte[] value, Map<Integer, String> contexts) implements Frame {
        public Deliveries {
            contexts = Map.copyOf(contexts);
        }
    }

    /** The router's heartbeat: it is connected, and has nothing to send. */
    record Alive() implements Frame {}
}
