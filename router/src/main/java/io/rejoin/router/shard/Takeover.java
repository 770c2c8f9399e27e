package io.rejoin.router.shard;

import io.rejoin.router.checkpoint.CheckpointWriter;
import io.rejoin.router.checkpoint.StateTopic;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.liveness.RecentEdges;
import io.rejoin.router.metrics.RouterInvariant;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one shard over from its previous owner. Safe for any thread. */
public final class Takeover {
    private static final Logger log = LoggerFactory.getLogger(Takeover.class);
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(30);

    private final int partition;
    private final KafkaClients clients;
    private final OutputProducer outputProducer;
    private final EdgeStreams streams;
    private final CommandReader reader;
    private final RecentEdges recentEdges;
    private final InFlightLimits inFlightLimits;
    private final RouterMeters meters;
    private final Tracing tracing;

    public Takeover(int partition, KafkaClients clients, OutputProducer outputProducer, EdgeStreams streams,
            CommandReader reader, RecentEdges recentEdges, InFlightLimits inFlightLimits, RouterMeters meters,
            Tracing tracing) {
        this.partition = partition;
        this.clients = clients;
        this.outputProducer = outputProducer;
        this.streams = streams;
        this.reader = reader;
        this.recentEdges = recentEdges;
        this.inFlightLimits = inFlightLimits;
        this.meters = meters;
        this.tracing = tracing;
    }

    /**
     * Fences the previous owner, reads the shard's state and returns the shard, ready to continue at
     * {@link OwnedShard#nextOffset}. Blocks.
     */
    public OwnedShard run() {
        var startedAt = System.nanoTime();
        var writer = new CheckpointWriter(clients.checkpointProducer(partition), clients.topics().state(), partition);
        Emitter emitter = null;
        try {
            var restored = new StateTopic(clients).read(partition);
            var pushes = new ShardPushes(partition, restored.shard().lastDeliveries(),
                    inFlightLimits::backlogBytesPerShard);
            emitter = new Emitter(outputProducer, clients.topics(), partition, pushes, inFlightLimits, meters);
            if (restored.predecessor() != null) {
                meters.countBroken(RouterInvariant.LOST_COMMANDS);
                commitEmptySuccessor(restored, restored.predecessor(), emitter, writer);
            }
            var duration = Duration.ofNanos(System.nanoTime() - startedAt);
            meters.recordTakeover(duration);
            log.atInfo().addKeyValue("partition", partition).addKeyValue("next", restored.nextOffset())
                    .addKeyValue("ms", duration.toMillis()).log("shard taken over");
            return new OwnedShard(partition, restored, reader, emitter, streams, pushes, writer, tracing);
        } catch (RuntimeException e) {
            if (emitter != null) emitter.close();
            writer.close();
            throw e;
        }
    }

    /**
     * Appends a command for every edge to join again, and commits the new state only after that. A router that dies in
     * between leaves all of this to the next owner. The new shard holds no last delivery of any edge. This also shows
     * the edges that deliveries are missing.
     */
    private void commitEmptySuccessor(StateTopic.Restored restored, Shard predecessor, Emitter emitter,
            CheckpointWriter writer) {
        var edges = new TreeSet<>(predecessor.edges());
        edges.addAll(recentEdges.get()); // only the edges know the joins since the checkpoint
        edges.forEach(emitter::appendEdgeLost);
        awaitAcknowledged(emitter);
        var entries = Stream.concat(predecessor.deletions(), restored.shard().takeChanges().stream());
        writer.commit(new StateCodec.Position(restored.shard().rules(), restored.nextOffset()), entries);
    }

    private static void awaitAcknowledged(Emitter emitter) {
        try {
            var isAcknowledged = emitter.takeUnackedOutputs().await(ACK_TIMEOUT);
            // after a failure nothing is sent, so there is nothing to wait for
            if (!isAcknowledged || emitter.failure() != null)
                throw new IllegalStateException("cannot append commands that make edges join again", emitter.failure());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
