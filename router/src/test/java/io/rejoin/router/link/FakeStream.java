package io.rejoin.router.link;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkFrameCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Records the frames that a router sends to an edge. */
public final class FakeStream implements EdgeStream {
    private final Frame.Hello hello;
    private final List<Frame> sentFrames = new CopyOnWriteArrayList<>();
    private volatile boolean isClosed;

    /** The stream of an edge that has received nothing yet. */
    public FakeStream(EdgeRef edge) {
        this(edge, List.of());
    }

    FakeStream(EdgeRef edge, List<Source> positions) {
        this.hello = new Frame.Hello(edge.edge(), edge.incarnation(), positions);
    }

    @Override
    public Frame.Hello hello() {
        return hello;
    }

    @Override
    public void send(byte[] frame) {
        try {
            sentFrames.add(Objects.requireNonNull(LinkFrameCodec.read(new ByteArrayInputStream(frame))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        isClosed = true;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** All frames, in order. */
    public List<Frame> sentFrames() {
        return List.copyOf(sentFrames);
    }

    List<Frame.Begins> begins() {
        return sentFrames.stream().filter(Frame.Begins.class::isInstance).map(Frame.Begins.class::cast).toList();
    }

    List<DeliveryBatch> batches() {
        return sentFrames.stream().flatMap(FakeStream::batch).toList();
    }

    /** All deliveries, in order. */
    public List<Delivery> deliveries() {
        return batches().stream().flatMap(batch -> batch.entries().stream()).map(DeliveryBatch.Entry::delivery)
                .toList();
    }

    /** The sources of all deliveries, in order. */
    public List<Source> sources() {
        return batches().stream().flatMap(batch -> batch.entries().stream()).map(DeliveryBatch.Entry::source).toList();
    }

    private static Stream<DeliveryBatch> batch(Frame frame) {
        if (!(frame instanceof Frame.Deliveries deliveries)) return Stream.empty();
        try {
            return Stream.of(LogCodec.deliveries(deliveries.value()));
        } catch (MalformedRecordException e) {
            throw new IllegalStateException(e);
        }
    }
}
