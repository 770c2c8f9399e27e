package io.rejoin.edge.fanout;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.edge.liveness.EdgeIdentity;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.tracing.Tracing;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** An edge without connections, for tests of the streams that bring deliveries. */
public final class EmptyEdge implements Receivers {
    private final AtomicInteger rejoins = new AtomicInteger();
    private final EdgeIdentity identity = new EdgeIdentity("edge-1");
    private final StreamFrames streamFrames;

    public EmptyEdge(int shards) {
        var meters = new FanOutMeters(new SimpleMeterRegistry());
        var deadLetterWriter = new DeadLetterWriter(
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()),
                TopicNames.PLAIN.deadLetters(), System::nanoTime, meters);
        var fanOut = new FanOut(new LocalRooms(1_000), this, (_, _, _, _, _) -> {
            throw new IOException("nothing is read here");
        }, (_, _) -> {}, (_, _) -> {}, System::nanoTime, meters);
        this.streamFrames = new StreamFrames(identity, fanOut, this, shards, null, deadLetterWriter, System::nanoTime,
                Tracing.off());
    }

    public StreamFrames streamFrames() {
        return streamFrames;
    }

    public long incarnation() {
        return identity.current().incarnation();
    }

    /** How often all members had to join again. */
    public int rejoins() {
        return rejoins.get();
    }

    @Override
    public @Nullable Receiver find(ConnectionId connection) {
        return null;
    }

    @Override
    public Collection<? extends Receiver> of(UserId user) {
        return List.of();
    }

    @Override
    public void rejoinAll() {
        rejoins.incrementAndGet();
    }
}
