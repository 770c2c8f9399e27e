package io.rejoin.router.liveness;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.LatestValues;
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
public final class RecentEdges {
    private static final Duration MAX_AGE = Duration.ofMinutes(1);

    private final KafkaClients clients;
    private Set<EdgeRef> cached = Set.of();
    private long cachedAt;
    private boolean isCached;

    public RecentEdges(KafkaClients clients) {
        this.clients = clients;
    }

    /** Blocks. */
    public synchronized Set<EdgeRef> get() {
        if (isCached && System.nanoTime() - cachedAt < MAX_AGE.toNanos()) return cached;
        cached = readHeartbeats();
        cachedAt = System.nanoTime();
        isCached = true;
        return cached;
    }

    private Set<EdgeRef> readHeartbeats() {
        var edges = new HashSet<EdgeRef>();
        try (var reader = clients.uncommittedReader()) {
            for (var heartbeat : LatestValues.read(reader, new TopicPartition(clients.topics().edges(), 0)).values()) {
                try {
                    edges.add(LogCodec.heartbeat(heartbeat).edge());
                } catch (MalformedRecordException _) {
                    // an order to an edge; or an unreadable record, which the edge watch keeps as a dead letter
                }
            }
        }
        return Set.copyOf(edges);
    }
}
