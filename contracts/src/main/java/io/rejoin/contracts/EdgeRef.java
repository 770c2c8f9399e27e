package io.rejoin.contracts;

import java.util.Comparator;

/**
 * One incarnation of an edge.
 *
 * @param edge        the edge's id; drawn at random at each start of the process, so an incarnation needs no clock
 * @param incarnation counted from 1 within the process; the next one begins when the edge learns that it was given up
 * @param partition   0; in records from versions before the link, the partition of the deliveries topic that the edge
 *                    read
 */
public record EdgeRef(String edge, long incarnation, int partition) implements Comparable<EdgeRef> {
    private static final Comparator<EdgeRef> ORDER = Comparator.comparing(EdgeRef::edge)
            .thenComparingLong(EdgeRef::incarnation).thenComparingInt(EdgeRef::partition);

    public EdgeRef {
        Names.check("an edge's id", edge, 128);
        if (incarnation < 1) throw new IllegalArgumentException("incarnation < 1: " + incarnation);
        if (partition < 0) throw new IllegalArgumentException("partition < 0: " + partition);
    }

    @Override
    public int compareTo(EdgeRef other) {
        return ORDER.compare(this, other);
    }
}
