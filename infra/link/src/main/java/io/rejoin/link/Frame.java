package io.rejoin.link;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is said over a stream. {@link Hello}, {@link Reached} and {@link Appended} come from edges, the others from routers. */
public sealed interface Frame {
    /**
     * The first word of an edge.
     *
     * @param edge        its id
     * @param incarnation it is in
     * @param positions   the last delivery it has taken of each shard, in that incarnation
     * @param log         the id of the topic that it appends commands to; null where it does not tell of what it appends
     */
    record Hello(String edge, long incarnation, List<Source> positions, @Nullable String log) implements Frame {
        public Hello {
            var _ = new EdgeRef(edge, incarnation, 0); // checks them
            positions = List.copyOf(positions);
        }

        /** Of an edge that does not tell of what it appends. */
        public Hello(String edge, long incarnation, List<Source> positions) {
            this(edge, incarnation, positions, null);
        }
    }

    /** How far an edge is now, as in {@link Hello}; said all the time, so that silence means that it is gone. */
    record Reached(long incarnation, List<Source> positions) implements Frame {
        public Reached {
            positions = List.copyOf(positions);
        }
    }

    /**
     * A record that the edge has appended to the command log, and that is durable: who is told need not fetch it. Whatever is not
     * told is fetched, so each of these may be lost.
     *
     * @param partition of the command log
     * @param offset    that the log gave it
     * @param ts        the time that the log gave it
     * @param key       of the record; not copied, never changed, as is the value
     * @param contexts  of the traces that commands belong to, by their index
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, and never compared
    record Appended(int partition, long offset, long ts, byte[] key, byte[] value, Map<Integer, String> contexts)
            implements
                Frame {
        public Appended {
            if (key.length > MOST_KEY) throw new IllegalArgumentException("a key of " + key.length + " bytes");
            contexts = Map.copyOf(contexts);
        }
    }

    /** The longest key, in bytes. */
    int MOST_KEY = 65_535;

    /**
     * From here on the stream brings the deliveries of a shard.
     *
     * @param partition   of the command log
     * @param incarnation of the edge that {@code after} was for; 0 where there is none
     * @param after       the delivery before the first one that comes; null where the shard knows of none
     */
    record Begins(int partition, long incarnation, @Nullable Source after) implements Frame {}

    /** The router has the shard no longer: until another one begins to bring its deliveries, nothing comes of it. */
    record Ends(int partition) implements Frame {}

    /**
     * Deliveries of one shard for one incarnation of the edge.
     *
     * @param value    what {@code LogCodec.deliveries} makes of them; not copied, never changed
     * @param contexts of the traces that they belong to, by the index of a delivery
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, and never compared
    record Deliveries(byte[] value, Map<Integer, String> contexts) implements Frame {
        public Deliveries {
            contexts = Map.copyOf(contexts);
        }
    }

    /** The router has nothing to say, and is there. */
    record Alive() implements Frame {}
}
