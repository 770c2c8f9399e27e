package io.rejoin.e2e.sizing;

import java.time.Duration;
import java.util.Map;

/**
 * Measures the cost of listeners, and the cost when all of them lose their connections.
 *
 * @param alone  the cost of posts without listeners, at the same rate
 * @param micros CPU time of a post at a high rate
 */
record Listeners(Bench bench, Reading idle, Posted alone, Map<Part, Double> micros) {
    /**
     * Measures the listeners of all rooms, many in each.
     *
     * @return microseconds of CPU time for a frame
     */
    double measure() throws InterruptedException {
        try (var talk = new PostingRooms("heard", Bench.ROOMS, Bench.SMALL, Bench.RATE).open(bench.services().edge(0),
                bench.folder());
                var swarm = bench.swarm(talk.rooms())) {
            bench.services().awaitRead();
            swarm.connect(Duration.ofSeconds(20), Services.PATIENCE);
            bench.services().awaitRead();
            var heard = swarm.result().delivered();
            var posted = bench.talk(talk);
            var frames = swarm.result().delivered() - heard;
            var frame = posted.posts() * (posted.micros(Part.EDGE, idle) - alone.micros(Part.EDGE, idle)) / frames;
            bench.found().micros("edge.cpu.frame", frame,
                    "CPU time for a message of 64 bytes to one more member, alone in its write");
            bench.found().micros("edge.cpu.post", micros.getOrDefault(Part.EDGE, 0.0) - frame,
                    "CPU time for a post of 64 bytes, of 2,000 a second: frame, command, delivery, ack");
            return frame;
        }
    }

    /** Cuts the connections of all listeners at once, while others post. */
    void storm(double frame) throws InterruptedException {
        bench.awaitGone();
        try (var talk = new PostingRooms("storm", Bench.ROOMS, Bench.SMALL, Bench.RATE / 5).open(
                bench.services().edge(0),
                bench.folder());
                var swarm = bench.swarm(talk.rooms())) {
            swarm.connect(Duration.ofSeconds(20), Services.PATIENCE);
            bench.services().awaitRead();
            talk.posters().startPosting();
            Thread.sleep(Duration.ofSeconds(3));
            var before = bench.services().reading();
            var posted = talk.posters().acknowledged();
            var heard = swarm.result().delivered();
            swarm.dropAll();
            swarm.awaitBack(bench.connections(), Services.PATIENCE);
            var used = bench.services().reading().since(before);
            var posts = talk.posters().acknowledged() - posted;
            var frames = swarm.result().delivered() - heard;
            for (var part : Part.SERVICES) {
                var spent = posts * alone.micros(part, idle) + (part == Part.EDGE ? frames * frame : 0);
                bench.found().micros(part.label() + ".cpu.resume",
                        Math.max(0, used.microsBeyond(part, idle) - spent) / bench.connections(),
                        "CPU time for a connection that was cut off, opens again, joins and gets what it missed");
            }
            System.out.println("storm: " + swarm.result());
            talk.posters().settle(Services.PATIENCE);
        }
        bench.awaitGone();
    }
}
