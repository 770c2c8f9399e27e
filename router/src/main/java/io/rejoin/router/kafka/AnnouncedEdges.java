package io.rejoin.router.kafka;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The incarnations of edges with a recent heartbeat. A shard that begins anew gives them all up, so that their members
 * join again. An edge then begins a new incarnation, and its next heartbeat announces it. If the next shard read the
 * heartbeats again, it would give up the new incarnation as well, and the members would have to join once more. So all
 * shards of this router get the same set for a minute. Safe for any thread.
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
