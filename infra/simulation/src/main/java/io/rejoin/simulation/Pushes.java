package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.router.core.Shard;
import io.rejoin.router.link.Backlog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a shard says to the edges, over the streams that its router has. */
final class Pushes {
    private final int partition;
    private final Kafka kafka;
    private final int mostKept;
    private final List<Stream> streams;
    private final Map<String, Backlog> backlogs = new HashMap<>();

    /**
     * Of a shard that was taken over.
     *
     * @param streams of its router, as they come and go
     */
    Pushes(int partition, Kafka kafka, Shard shard, int mostKept, List<Stream> streams) {
        this.partition = partition;
        this.kafka = kafka;
        this.mostKept = mostKept;
        this.streams = streams;
        for (var chain : shard.chains()) backlogs.put(chain.edge().edge(), new Backlog(chain, mostKept));
    }

    /** Says what follows for an edge from the order of the log. */
    void push(EdgeRef edge, DeliveryBatch batch) {
        var said = kafka.pushed(new Kafka.Pushed(edge, batch));
        backlog(edge.edge()).add(said, said.entries().size());
        say(edge.edge(), said);
    }

    /** Says something beside the order of the log: whoever misses it is told again some time. */
    void pushBeside(EdgeRef edge, DeliveryBatch batch) {
        say(edge.edge(), kafka.pushed(new Kafka.Pushed(edge, batch)));
    }

    /** Tells the edge of a stream that it goes on under an incarnation which was given up. */
    void tellGivenUp(EdgeRef edge, Source source) {
        say(edge.edge(), new DeliveryBatch(edge.edge(), edge.incarnation(),
                List.of(new DeliveryBatch.Entry(source, new Delivery.GivenUp(edge.incarnation())))));
    }

    /** A stream is there: it brings what its edge lacks, as far as that is here. */
    void begin(Stream stream) {
        var edge = stream.edge();
        var goesOn = backlog(edge.ref().edge()).from(edge.ref().incarnation(), edge.taken(partition));
        stream.say(new Stream.Item.Begins(partition, goesOn.begin()));
        for (var batch : goesOn.batches()) stream.say(new Stream.Item.Deliveries(batch));
    }

    /** The edge of a stream says how far it is. */
    void reached(EdgeProcess edge) {
        var taken = edge.taken(partition);
        if (taken != null) backlog(edge.ref().edge()).reached(edge.ref().incarnation(), taken);
    }

    private Backlog backlog(String edge) {
        return backlogs.computeIfAbsent(edge, _ -> new Backlog(null, mostKept));
    }

    private void say(String edge, DeliveryBatch batch) {
        for (var stream : streams) {
            if (stream.edge().ref().edge().equals(edge)) stream.say(new Stream.Item.Deliveries(batch));
        }
    }
}
