package io.rejoin.router.link;

import io.rejoin.link.EdgeStream;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkListener;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams from edges to this router, and the shards that send over them. Both can be added and removed at any time.
 * Safe for any thread.
 */
public final class EdgeStreams implements LinkListener {
    private static final Logger log = LoggerFactory.getLogger(EdgeStreams.class);

    /** A stream, and the last positions that its edge reported. */
    private record OpenStream(EdgeStream stream, ReportedPositions positions) {}

    private final BiConsumer<Frame.Hello, Frame.Appended> onAppendedRecord;
    private final Map<String, OpenStream> byEdge = new HashMap<>();
    /** In insertion order, so that a simulation can be repeated. */
    private final Set<ShardPushes> shards = new LinkedHashSet<>();

    /** Ignores the records that edges announce. */
    public EdgeStreams() {
        this((_, _) -> {});
    }

    /** @param onAppendedRecord called with each record that an edge has appended to the command log */
    public EdgeStreams(BiConsumer<Frame.Hello, Frame.Appended> onAppendedRecord) {
        this.onAppendedRecord = onAppendedRecord;
    }

    /** Adds a shard. It continues each stream after the edge's position. */
    public synchronized void add(ShardPushes shard) {
        byEdge.values().forEach(open -> shard.startStream(open.stream(), open.positions()));
        shards.add(shard);
    }

    /** Removes a shard. Its next owner sends its deliveries from then on. */
    public synchronized void remove(ShardPushes shard) {
        if (shards.remove(shard)) shard.endStreams();
    }

    /** How many edges have a stream to this router. */
    public synchronized int count() {
        return byEdge.size();
    }

    @Override
    public synchronized void onOpened(EdgeStream stream) {
        var hello = stream.hello();
        var opened = new OpenStream(stream, ReportedPositions.of(hello.incarnation(), hello.positions()));
        var previous = byEdge.put(hello.edge(), opened);
        // the edge has noticed before this router that the old stream is broken
        if (previous != null) previous.stream().close();
        shards.forEach(shard -> shard.startStream(stream, opened.positions()));
        log.atDebug().addKeyValue("edge", hello.edge()).addKeyValue("shards", shards.size()).log("edge connected");
    }

    @Override
    public synchronized void onPositions(EdgeStream stream, Frame.Positions frame) {
        var edgeId = stream.hello().edge();
        var current = byEdge.get(edgeId);
        if (current == null || !current.stream().equals(stream)) return;
        var positions = ReportedPositions.of(frame.incarnation(), frame.positions());
        byEdge.put(edgeId, new OpenStream(stream, positions));
        shards.forEach(shard -> shard.updatePositions(stream, positions));
    }

    @Override
    public void onAppended(EdgeStream stream, Frame.Appended record) {
        onAppendedRecord.accept(stream.hello(), record);
    }

    @Override
    public synchronized void onEnded(EdgeStream stream) {
        var edgeId = stream.hello().edge();
        var current = byEdge.get(edgeId);
        if (current == null || !current.stream().equals(stream)) return;
        byEdge.remove(edgeId);
        shards.forEach(shard -> shard.removeStream(stream));
        log.atDebug().addKeyValue("edge", edgeId).log("edge disconnected");
    }
}
