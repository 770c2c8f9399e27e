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
    private record Open(EdgeStream stream, Positions positions) {}

    private final BiConsumer<Frame.Hello, Frame.Appended> appended;
    private final Map<String, Open> open = new HashMap<>();
    /** In insertion order, so that a simulation can be repeated. */
    private final Set<ShardPushes> shards = new LinkedHashSet<>();

    /** Ignores the records that edges announce. */
    public EdgeStreams() {
        this((_, _) -> {});
    }

    /** @param appended called with each record that an edge has appended to the command log */
    public EdgeStreams(BiConsumer<Frame.Hello, Frame.Appended> appended) {
        this.appended = appended;
    }

    /** Adds a shard. It continues each stream after the edge's position. */
    public synchronized void add(ShardPushes shard) {
        open.values().forEach(one -> shard.begin(one.stream(), one.positions()));
        shards.add(shard);
    }

    /** Removes a shard. Its next owner sends its deliveries from then on. */
    public synchronized void remove(ShardPushes shard) {
        if (shards.remove(shard)) shard.end();
    }

    /** How many edges have a stream to this router. */
    public synchronized int count() {
        return open.size();
    }

    @Override
    public synchronized void opened(EdgeStream stream) {
        var hello = stream.hello();
        var now = new Open(stream, Positions.of(hello.incarnation(), hello.positions()));
        var before = open.put(hello.edge(), now);
        // the edge has noticed before this router that the old stream is broken
        if (before != null) before.stream().close();
        shards.forEach(shard -> shard.begin(stream, now.positions()));
        log.atDebug().addKeyValue("edge", hello.edge()).addKeyValue("shards", shards.size()).log("edge connected");
    }

    @Override
    public synchronized void reached(EdgeStream stream, Frame.Reached reached) {
        var edge = stream.hello().edge();
        var before = open.get(edge);
        if (before == null || !before.stream().equals(stream)) return;
        var positions = Positions.of(reached.incarnation(), reached.positions());
        open.put(edge, new Open(stream, positions));
        shards.forEach(shard -> shard.reached(stream, positions));
    }

    @Override
    public void appended(EdgeStream stream, Frame.Appended record) {
        appended.accept(stream.hello(), record);
    }

    @Override
    public synchronized void ended(EdgeStream stream) {
        var edge = stream.hello().edge();
        var before = open.get(edge);
        if (before == null || !before.stream().equals(stream)) return;
        open.remove(edge);
        shards.forEach(shard -> shard.ended(stream));
        log.atDebug().addKeyValue("edge", edge).log("edge disconnected");
    }
}
