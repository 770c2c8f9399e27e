package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The edges with a recent heartbeat, for shards that begin anew. All shards of this router see the same set for a
 * minute. An edge that one shard has given up comes back in a new incarnation. The next shard must not give that one up
 * as well. Safe for any thread.
 */
final class AnnouncedEdges {
    private static final Duration SAME = Duration.ofMinutes(1);

    private final Clients clients;
    private Set<EdgeRef> read = Set.of();
    private long readAt;
    private boolean hasRead;

    AnnouncedEdges(Clients clients) {
        this.clients = clients;
    }

    /** Blocks. */
    synchronized Set<EdgeRef> get() {
        if (hasRead && System.nanoTime() - readAt < SAME.toNanos()) return read;
        read = read();
        readAt = System.nanoTime();
        hasRead = true;
        return read;
    }

    private Set<EdgeRef> read() {
        var found = new HashSet<EdgeRef>();
        try (var reader = clients.plainReader()) {
            for (var heartbeat : LatestValues.of(reader, new TopicPartition(clients.topics().edges(), 0)).values()) {
                try {
                    found.add(LogCodec.heartbeat(heartbeat).edge());
                } catch (MalformedRecordException _) {
                    // an order to an edge; or an unreadable record, which the edge watch keeps as a dead letter
                }
            }
        }
        return Set.copyOf(found);
    }
}
