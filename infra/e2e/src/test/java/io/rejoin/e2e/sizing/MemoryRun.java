package io.rejoin.e2e.sizing;

import io.rejoin.e2e.chaos.LiveHeap;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Swarm;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Measures the memory of idle connections and members. Each measurement restarts the edge, and all clients connect
 * anew.
 */
final class MemoryRun {
    private static final double MIB = 1024 * 1024;
    /** Members of a large room. */
    private static final int LARGE = 100;
    private static final Map<String, String> NO_PERSONAL_ROOMS = Map.of("EDGE_DIRECT", "off");

    private final Services services;
    private final int connections;
    private final Found found;

    /**
     * Memory at one moment, in bytes.
     *
     * @param edgeObjects of the heap without the stacks of virtual threads, which makes this value more stable
     * @param kernel      memory of the kernel, for both ends of each connection
     */
    private record Memory(double edgeHeap, double edgeObjects, double edgeRss, double routerHeap, double kernel) {
        Memory since(Memory before, int connections) {
            return new Memory((edgeHeap - before.edgeHeap) / connections,
                    (edgeObjects - before.edgeObjects) / connections, (edgeRss - before.edgeRss) / connections,
                    (routerHeap - before.routerHeap) / connections, (kernel - before.kernel) / connections);
        }
    }

    MemoryRun(Services services, int connections, Found found) {
        this.services = services;
        this.connections = connections;
        this.found = found;
    }

    void run(Certificate certificate) throws InterruptedException {
        found.put("measured.connections", connections, "connections", "most on one edge");
        services.restartEdge(NO_PERSONAL_ROOMS);
        var base = now();
        found.bytes("edge.heap.base", base.edgeHeap, "heap of an edge without connections");
        found.bytes("router.heap.base", base.routerHeap, "heap of a router of 12 shards without members");
        var shared = each(NO_PERSONAL_ROOMS, LARGE, false);
        found.bytes("edge.heap.connection", shared.edgeHeap, "heap for an idle connection that is in one room of 100");
        found.bytes("edge.heap.stacks", shared.edgeHeap - shared.edgeObjects,
                "of these, the stacks of its two threads");
        found.bytes("edge.rss.connection", shared.edgeRss, "resident memory of an edge for the same");
        found.bytes("edge.kernel.connection", shared.kernel / 2,
                "the kernel's memory for one end of an idle connection");
        found.bytes("router.heap.member", shared.routerHeap, "heap of a router for a member of a room of 100");
        var personal = each(Map.of(), LARGE, false);
        found.bytes("edge.heap.personal", personal.edgeObjects - shared.edgeObjects,
                "heap of an edge for the personal room that each connection joins by itself");
        found.bytes("router.heap.personal", personal.routerHeap - shared.routerHeap,
                "heap of a router for a personal room and its one member");
        var alone = each(NO_PERSONAL_ROOMS, 1, false);
        found.bytes("edge.heap.room", alone.edgeObjects - shared.edgeObjects,
                "heap of an edge for a room, beside its members");
        found.bytes("router.heap.room", alone.routerHeap - shared.routerHeap,
                "heap of a router for a room that somebody is in, beside its members");
        var encrypted = new HashMap<>(NO_PERSONAL_ROOMS);
        encrypted.putAll(certificate.environment());
        found.bytes("edge.heap.tls", each(encrypted, LARGE, true).edgeHeap - shared.edgeHeap,
                "heap of an edge for an idle connection by TLS 1.3, beyond one without");
    }

    /**
     * Measures the memory of one connection. A quarter of the connections opens first. The edge then allocates what it
     * needs only once, and compiles its code. A waiting connection has a smaller stack after that.
     */
    private Memory each(Map<String, String> configuration, int perRoom, boolean tls) throws InterruptedException {
        services.restartEdge(configuration);
        var first = connections / 4;
        var others = connections - first;
        try (var early = swarm("early", first, perRoom, tls); var late = swarm("late", others, perRoom, tls)) {
            early.connect(spread(first, tls), Services.PATIENCE);
            var before = now();
            late.connect(spread(others, tls), Services.PATIENCE);
            return now().since(before, others);
        }
    }

    private Swarm swarm(String name, int size, int perRoom, boolean tls) {
        var edge = tls ? URI.create(services.edge(0).toString().replace("ws:", "wss:")) : services.edge(0);
        var rooms = IntStream.range(0, size / perRoom).mapToObj(n -> name + "-" + n).toList();
        return new Swarm(name, size, rooms, List.of(edge), Backoff.DOCUMENTED, 1);
    }

    /** The time for connecting; TLS handshakes cost CPU on both sides. */
    private static Duration spread(int size, boolean tls) {
        return Duration.ofMillis((tls ? 8L : 3L) * size);
    }

    private Memory now() throws InterruptedException {
        services.awaitRead();
        var edge = LiveHeap.of(services.edgePid()).orElseThrow();
        return new Memory(edge.mib() * MIB, (edge.mib() - edge.stacks()) * MIB, Proc.rss(services.edgePid()),
                heap(services.routerPid()), Proc.slab());
    }

    static double heap(long pid) throws InterruptedException {
        return LiveHeap.of(pid).orElseThrow().mib() * MIB;
    }
}
