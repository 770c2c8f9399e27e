package io.rejoin.e2e.sizing;

import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Swarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures the cost of members on several edges.
 *
 * @param micros CPU time of a post at a high rate
 */
record OtherEdges(Bench bench, Reading idle, Map<Part, Double> micros) {
    /** Measures one listener in each room at three further edges. A first round warms these edges up. */
    void measure(double frame) throws InterruptedException {
        for (var n = 0; n < Bench.OTHERS; n++) bench.services().addEdge();
        wide("wide-warm", Bench.RATE);
        var wide = wide("wide", 3 * Bench.RATE);
        for (var part : List.of(Part.ROUTER, Part.KAFKA))
            bench.found().micros(part.label() + ".cpu.delivery",
                    (wide.micros(part, idle) - micros.getOrDefault(part, 0.0)) / Bench.OTHERS,
                    "CPU time for a message to one more edge, of 1,500 a second");
        bench.found().micros("edge.cpu.delivery", wide.micros(Part.OTHER_EDGES, idle) / Bench.OTHERS - frame,
                "CPU time of an edge to take a message that a router pushes, beside its frames, of 1,500 a second");
    }

    private Posted wide(String prefix, double rate) throws InterruptedException {
        var swarms = new ArrayList<Swarm>();
        try (var talk = new PostingRooms(prefix, 2 * Bench.ROOMS, Bench.SMALL, rate).open(bench.services().edge(0),
                bench.folder())) {
            for (var n = 1; n <= Bench.OTHERS; n++) swarms.add(listeners(prefix, n, talk.rooms()));
            return bench.talk(talk);
        } finally {
            swarms.forEach(Swarm::close);
        }
    }

    private Swarm listeners(String name, int edge, List<String> rooms) {
        var swarm = new Swarm(name + "-" + edge, rooms.size(), rooms, List.of(bench.services().edge(edge)),
                Backoff.DOCUMENTED,
                edge);
        swarm.connect(Duration.ofSeconds(1), Services.PATIENCE);
        return swarm;
    }
}
