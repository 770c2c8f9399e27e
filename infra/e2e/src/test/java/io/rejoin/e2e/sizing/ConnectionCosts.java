package io.rejoin.e2e.sizing;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Measures connections that open, stay idle and break. */
record ConnectionCosts(Bench bench, Reading idle) {
    /** Each connection joins a room of its own, so that no member gets a presence frame. */
    void measure() throws InterruptedException {
        var rooms = IntStream.range(0, bench.connections()).mapToObj(n -> "own-" + n).toList();
        Reading there;
        try (var swarm = bench.swarm(rooms)) {
            var before = bench.services().reading();
            swarm.connect(Duration.ofMillis(bench.connections()), Services.PATIENCE);
            bench.services().awaitRead();
            var used = bench.services().reading().since(before);
            for (var part : List.of(Part.EDGE, Part.ROUTER, Part.HISTORY, Part.KAFKA))
                bench.found().micros(part.label() + ".cpu.join", used.microsBeyond(part, idle) / bench.connections(),
                        "CPU time for a connection that opens, joins a room and its personal one, of 1,000 a second");
            bytes("join", used, bench.connections(), "for the same");

            before = bench.services().reading();
            Thread.sleep(Bench.LONG.multipliedBy(2));
            used = bench.services().reading().since(before);
            bench.found().put("edge.cpu.connection",
                    used.microsBeyond(Part.EDGE, idle) / bench.connections() / used.seconds(), "µs/s",
                    "CPU time for an idle connection: a ping every 25 s");
            there = bench.services().reading();
        }
        bench.awaitGone();
        var gone = bench.services().reading().since(there);
        for (var part : List.of(Part.EDGE, Part.ROUTER, Part.KAFKA))
            bench.found().micros(part.label() + ".cpu.leave", gone.microsBeyond(part, idle) / bench.connections(),
                    "CPU time for a connection that broke and leaves both rooms");
        bytes("leave", gone, bench.connections(), "for the same");
    }

    private void bytes(String what, Reading used, int count, String text) {
        for (var topic : List.of(Bench.TOPICS.commands(), Bench.TOPICS.events(), Bench.TOPICS.state()))
            bench.found().bytes("kafka." + topic.substring("rejoin.".length()) + "." + what, used.bytes(topic) / count,
                    topic + ", " + text);
    }
}
