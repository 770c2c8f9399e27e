package io.rejoin.simulation;

import io.rejoin.contracts.Source;
import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.FrameCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A stream from a router to an edge: what is said arrives in its order, until the stream breaks and loses what is under way. */
final class Stream implements EdgeStream {
    private static final byte[] NOTHING = {};

    private final RouterProcess router;
    private final EdgeProcess edge;
    private final Frame.Hello hello;
    private final Deque<byte[]> underWay = new ArrayDeque<>();
    /** What the edge has appended: it says so, and that may be lost, too. */
    private final Deque<Frame.Appended> told = new ArrayDeque<>();
    private boolean broken;

    /** @param positions of the edge, as it says hello */
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
    public void say(byte[] frame) {
        if (!broken) underWay.add(frame);
    }

    /** What comes next; null when nothing does for now. */
    @Nullable
    Frame next() {
        var frame = underWay.poll();
        try {
            return frame == null ? null : Objects.requireNonNull(FrameCodec.read(new ByteArrayInputStream(frame)));
        } catch (IOException e) {
            throw new IllegalStateException("a frame that we wrote", e);
        }
    }

    void tell(int partition, int offset) {
        if (!broken) told.add(new Frame.Appended(partition, offset, 0, NOTHING, NOTHING, Map.of()));
    }

    /** What the edge tells next; null when nothing does for now. */
    Frame.@Nullable Appended nextTold() {
        return told.poll();
    }

    boolean isEmpty() {
        return underWay.isEmpty();
    }

    /** It breaks: neither side is asked, and both learn it when they look. */
    @Override
    public void close() {
        broken = true;
        underWay.clear();
        told.clear();
    }

    boolean isBroken() {
        return broken;
    }
}
