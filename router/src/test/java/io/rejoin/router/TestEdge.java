package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.link.Frame;
import io.rejoin.link.RouterStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An edge's stream to a router. It waits for frames as long as the router sends any. */
final class TestEdge implements AutoCloseable {
    private final RouterStream stream;
    private final EdgeRef edge;
    private final ArrayDeque<DeliveryBatch.Entry> received = new ArrayDeque<>();
    private final ArrayDeque<Frame.Begins> receivedBegins = new ArrayDeque<>();
    private @Nullable Source last;

    private TestEdge(RouterStream stream, EdgeRef edge) {
        this.stream = stream;
        this.edge = edge;
    }

    /** Opens the stream of an edge that has received nothing yet. */
    static TestEdge open(Router router, EdgeRef edge) throws IOException {
        return open(router, edge, List.of());
    }

    static TestEdge open(Router router, EdgeRef edge, List<Source> positions) throws IOException {
        return open(router, edge, positions, null);
    }

    /** @param log id of the topic of commands, as the edge knows it */
    static TestEdge open(Router router, EdgeRef edge, List<Source> positions, @Nullable String log)
            throws IOException {
        var hello = new Frame.Hello(edge.edge(), edge.incarnation(), positions, log);
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), router.port());
        return new TestEdge(RouterStream.open(address, null, hello, Duration.ofSeconds(30)), edge);
    }

    /** The next delivery of this type; skips the others. */
    <D extends Delivery> D await(Class<D> kind) throws IOException {
        while (true) {
            while (received.isEmpty()) read();
            var entry = received.remove();
            if (!(entry.delivery() instanceof Delivery.Redeliver)) last = entry.source();
            if (kind.isInstance(entry.delivery())) return kind.cast(entry.delivery());
        }
    }

    /** The next frame that starts the deliveries of a shard. */
    Frame.Begins awaitBegin() throws IOException {
        while (receivedBegins.isEmpty()) read();
        return receivedBegins.remove();
    }

    private void read() throws IOException {
        switch (stream.next()) {
            case Frame.Deliveries deliveries -> received.addAll(entries(deliveries));
            case Frame.Begins begins -> receivedBegins.add(begins);
            case Frame.Ends _ -> {
                // the next owner may be another router
            }
            case Frame.Alive _ -> stream.send(positionsFrame()); // without an answer the router would drop the edge
            case null -> throw new EOFException("the router ended the stream");
            case Frame other -> throw new IOException("a router says " + other);
        }
    }

    private static List<DeliveryBatch.Entry> entries(Frame.Deliveries deliveries) throws IOException {
        try {
            return LogCodec.deliveries(deliveries.value()).entries();
        } catch (MalformedRecordException e) {
            throw new IOException(e);
        }
    }

    /** The edge's position. */
    Frame.Positions positionsFrame() {
        return new Frame.Positions(edge.incarnation(), Optional.ofNullable(last).map(List::of).orElse(List.of()));
    }

    void send(Frame frame) {
        assertThat(stream.send(frame)).isTrue();
    }

    @Override
    public void close() {
        stream.close();
    }
}
