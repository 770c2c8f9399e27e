package io.rejoin.router.kafka;

import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.link.EdgeStreams;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one shard over from its previous owner. Safe for any thread. */
final class Takeover {
    private static final Logger log = LoggerFactory.getLogger(Takeover.class);
    private static final Duration ACKNOWLEDGED = Duration.ofSeconds(30);

    private final int partition;
    private final Clients clients;
    private final OutputProducer outputs;
    private final EdgeStreams streams;
    private final CommandReader reader;
    private final AnnouncedEdges announced;
    private final InFlight inFlight;
    private final RouterMeters meters;
    private final Tracing tracing;

    Takeover(int partition, Clients clients, OutputProducer outputs, EdgeStreams streams, CommandReader reader,
            AnnouncedEdges announced, InFlight inFlight, RouterMeters meters, Tracing tracing) {
        this.partition = partition;
        this.clients = clients;
        this.outputs = outputs;
        this.streams = streams;
        this.reader = reader;
        this.announced = announced;
        this.inFlight = inFlight;
        this.meters = meters;
        this.tracing = tracing;
    }

    /**
     * Fences the previous owner, reads the shard's state and returns the shard, ready to continue at
     * {@link OwnedShard#next}. Blocks.
     */
    OwnedShard run() {
        var begun = System.nanoTime();
        var writer = new CheckpointWriter(clients.checkpoints(partition), clients.topics().state(), partition);
        Emitter emitter = null;
        try {
            var restored = new StateTopic(clients).read(partition);
            var pushes = new ShardPushes(partition, restored.shard().lastDeliveries(), inFlight::kept);
            emitter = new Emitter(outputs, clients.topics(), partition, pushes, inFlight, meters);
            if (restored.past() != null) {
                meters.broken(RouterInvariant.LOST_COMMANDS);
                beginAnew(restored, restored.past(), emitter, writer);
            }
            var took = Duration.ofNanos(System.nanoTime() - begun);
            meters.takenOver(took);
            log.atInfo().addKeyValue("partition", partition).addKeyValue("next", restored.next())
                    .addKeyValue("ms", took.toMillis()).log("shard taken over");
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
    private void beginAnew(StateTopic.Restored restored, Shard past, Emitter emitter, CheckpointWriter writer) {
        var edges = new TreeSet<>(past.edges());
        edges.addAll(announced.get()); // only the edges know the joins since the checkpoint
        edges.forEach(emitter::giveUp);
        awaitAll(emitter);
        var gone = Stream.concat(past.gone(), restored.shard().takeChanges().stream());
        writer.commit(new StateCodec.Position(restored.shard().rules(), restored.next()), gone);
    }

    private static void awaitAll(Emitter emitter) {
        try {
            var isAcknowledged = emitter.turn().await(ACKNOWLEDGED);
            // after a failure nothing is sent, so there is nothing to wait for
            if (!isAcknowledged || emitter.failure() != null)
                throw new IllegalStateException("cannot append commands that make edges join again", emitter.failure());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
