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

/** The streams that edges have to this router, and the shards that speak over them; each of either comes and goes. Safe for any thread. */
public final class EdgeStreams implements LinkListener {
    private static final Logger log = LoggerFactory.getLogger(EdgeStreams.class);

    /** A stream, and how far its edge said to be. */
    private record Open(EdgeStream stream, Positions positions) {}

    private final BiConsumer<Frame.Hello, Frame.Appended> appended;
    private final Map<String, Open> open = new HashMap<>();
    /** In the order in which they came: a simulation can be repeated. */
    private final Set<ShardPushes> shards = new LinkedHashSet<>();

    /** Nobody hears of what edges append. */
    public EdgeStreams() {
        this((_, _) -> {});
    }

    /** @param appended hears of what an edge has appended to the command log */
    public EdgeStreams(BiConsumer<Frame.Hello, Frame.Appended> appended) {
        this.appended = appended;
    }

    /** A shard begins to speak: it goes on where each edge is. */
    public synchronized void add(ShardPushes shard) {
        open.values().forEach(one -> shard.begin(one.stream(), one.positions()));
        shards.add(shard);
    }

    /** A shard has ended; whoever has it next speaks. */
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
        if (before != null) before.stream().close(); // the edge has noticed first that it is broken
        shards.forEach(shard -> shard.begin(stream, now.positions()));
        log.atDebug().addKeyValue("edge", hello.edge()).addKeyValue("shards", shards.size()).log("edge linked");
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
        log.atDebug().addKeyValue("edge", edge).log("edge not linked any more");
    }
}
