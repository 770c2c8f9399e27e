package io.rejoin.simulation;

import io.rejoin.contracts.Source;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkFrameCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stream between a router and an edge. Frames arrive in order, until the stream breaks and loses the frames in
 * flight.
 */
final class Stream implements EdgeStream {
    private static final byte[] NOTHING = {};

    private final RouterProcess router;
    private final EdgeProcess edge;
    private final Frame.Hello hello;
    private final Deque<byte[]> underWay = new ArrayDeque<>();
    /** The edge's announcements of appended records. The router has not read them yet, and the stream may lose them. */
    private final Deque<Frame.Appended> announced = new ArrayDeque<>();
    private boolean broken;

    /** @param positions of the edge, for its {@code Hello} */
    Stream(RouterProcess router, EdgeProcess edge, List<Source> positions) {
        this.router = router;
        this.edge = edge;
        this.hello = new Frame.Hello(edge.ref().edge(), edge.ref().incarnation(), positions);
    }

    RouterProcess router() {
        return router;
    }

    EdgeProcess edge() {
        return edge;
    }

    @Override
    public Frame.Hello hello() {
        return hello;
    }

    @Override
    public void send(byte[] frame) {
        if (!broken) underWay.add(frame);
    }

    /** The next frame for the edge; null when none is in flight. */
    @Nullable
    Frame next() {
        var frame = underWay.poll();
        try {
            return frame == null ? null : Objects.requireNonNull(LinkFrameCodec.read(new ByteArrayInputStream(frame)));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read a frame of this simulation", e);
        }
    }

    void tell(int partition, int offset) {
        if (!broken) announced.add(new Frame.Appended(partition, offset, 0, NOTHING, NOTHING, Map.of()));
    }

    /** The edge's next announcement; null when none is in flight. */
    Frame.@Nullable Appended nextTold() {
        return announced.poll();
    }

    boolean isEmpty() {
        return underWay.isEmpty();
    }

    /** Breaks the stream. Neither side is notified: both find out when they call {@link #isBroken}. */
    @Override
    public void close() {
        broken = true;
        underWay.clear();
        announced.clear();
    }

    boolean isBroken() {
        return broken;
    }
}
